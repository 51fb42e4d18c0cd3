import type {
  JsonObject,
  ListTransactionEntriesInput,
  TransactionEntries,
  TransactionEntry,
} from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { isRefusedByRule } from "@obsqra/db";
import type { Actor, WriteDependencies } from "@obsqra/platform";
import {
  AppError,
  areHashesEqual,
  type ChainBreak,
  type ChainEnd,
  followLog,
  hashContent,
  positionInKey,
  readCursor,
  toHex,
  toPage,
  writeTransaction,
} from "@obsqra/platform";
import { z } from "zod";
import { getListedLog } from "../accounts/audit/chained-logs.service.ts";
import {
  hasTransactionWithoutEntry,
  insertTransactionStatus,
  listTransactionEntries,
  type TransactionEntryRow,
} from "./transaction-entries.queries.ts";
import { findTransaction } from "./transactions.queries.ts";

/** What became of a transaction that somebody logged. */
export interface StatusChange {
  readonly owner_id: string;
  /** 66-character lower-case form. */
  readonly tx_hash: string;
  readonly status: "confirmed" | "failed" | "not_found" | "unverified";
}

const pageKey = z.tuple([positionInKey]);

/**
 * Adds to an owner's log what became of a transaction. A pending one becomes something else once, and an unverified one may become
 * confirmed: the database refuses anything else.
 *
 * @returns false when that was recorded already, and nothing was added
 * @throws AppError TRANSACTION_NOT_FOUND
 */
export async function recordTransactionStatus(
  deps: WriteDependencies,
  { owner_id, tx_hash, status }: StatusChange,
): Promise<boolean> {
  const transaction = await findTransaction(deps.db, { owner_id, tx_hash });
  if (transaction === undefined) throw new AppError("TRANSACTION_NOT_FOUND", undefined);
  const transaction_id = transaction.id;
  try {
    await writeTransaction(deps, async (trx, emit) => {
      const entry = { id: deps.createId(), transaction_id, status, observed_at: deps.clock() };
      await insertTransactionStatus(trx, entry);
      emit({ type: "transaction.status_changed", subject: transaction_id, owner_id, payload: { status } });
    });
    return true;
  } catch (error) {
    if (isRefusedByRule(error)) return false;
    throw error;
  }
}

/**
 * The entries of the user's chained log.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getTransactionEntries(
  deps: { readonly db: Database; readonly actor: Actor },
  input: ListTransactionEntriesInput,
): Promise<TransactionEntries> {
  const { owner_id } = deps.actor;
  const view = { list: "transaction_entries", owner_id, input };
  const rows = await listTransactionEntries(deps.db, {
    owner_id,
    sort: input.sort,
    after: readCursor(view, pageKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.position]);
  return { items: page.items.map(toEntry), next_cursor: page.next_cursor };
}

/** Follows a user's whole log of transactions; what that proves, `followLog` says. */
export async function verifyTransactionChain(
  deps: { readonly db: Database },
  ownerId: string,
): Promise<ChainEnd | ChainBreak> {
  const log = {
    listAfter: async ({ position, limit }: { position: number; limit: number }) => {
      const after = String(position);
      return (await listTransactionEntries(deps.db, { owner_id: ownerId, sort: "oldest", after, limit }))
        .rows;
    },
    isContentWhole: (entry: TransactionEntryRow) =>
      areHashesEqual(entry.content_hash, hashContent(contentOf(entry))),
    oldFacts: ({ id }: TransactionEntryRow) => [id],
  };
  const reached = await followLog(log, await getListedLog(deps, { log: "transactions", owner_id: ownerId }));
  if ("fault" in reached || !(await hasTransactionWithoutEntry(deps.db, ownerId))) return reached;
  return { position: reached.position + 1, fault: "order" };
}

function toEntry(row: TransactionEntryRow): TransactionEntry {
  return {
    ...placeOf(row),
    ...factsOf(row),
    content_hash: toHex(row.content_hash),
    previous_hash: toHex(row.previous_hash),
    hash: toHex(row.hash),
  };
}

/** What is hashed of an entry, as it is shown. */
function contentOf(row: TransactionEntryRow) {
  return row.hash_version === 1 ? factsOf(row) : { ...placeOf(row), ...factsOf(row) };
}

function placeOf({ id, owner_id, position, hash_version }: TransactionEntryRow) {
  return { id, owner_id, position: Number(position), hash_version };
}

function factsOf(row: TransactionEntryRow) {
  return {
    transaction_id: row.transaction_id,
    tx_hash: row.tx_hash,
    tx_type: row.tx_type,
    amount: row.amount,
    details: row.details as JsonObject,
    suggestion_id: row.suggestion_id,
    created_at: row.created_at.toISOString(),
    status: row.status,
    observed_at: row.observed_at.toISOString(),
  };
}
