import {
  type CreateTransactionInput,
  type GetTransactionInput,
  type JsonObject,
  type ListTransactionsInput,
  type Transaction,
  type Transactions,
  unallocatedName,
} from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Actor, CreateId, StorageQuotas } from "@obsqra/platform";
import {
  AppError,
  assertRoom,
  defineCommand,
  positionInKey,
  readCursor,
  toHex,
  toPage,
} from "@obsqra/platform";
import { parseTransactionHash, StarknetError } from "@obsqra/starknet";
import { z } from "zod";
import { allocationToBasisPoints } from "../analytics/allocation.ts";
import { snapshotOf } from "../analytics/allocation-history.service.ts";
import { assertKnownProtocols } from "../market/protocols.service.ts";
import { getSuggestion } from "../predictions/advice/suggestions.service.ts";
import {
  findLoggedTransaction,
  findTransaction,
  insertTransaction,
  listTransactions,
  type TransactionRow,
} from "./transactions.queries.ts";

/** What the log of transactions uses. */
export interface TransactionsDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly actor: Actor;
}

/** What logging one uses besides. */
interface LoggingDependencies extends TransactionsDependencies {
  readonly storageQuotas: StorageQuotas;
}

/** Position of the last transaction's first entry, and its amount. */
const pageKey = z.tuple([positionInKey, z.string().regex(/^\d{1,78}(\.\d{1,18})?$/)]);

/**
 * Logs a transaction, with a snapshot of the allocation that it leads to where it says so.
 *
 * @throws AppError TX_HASH_INVALID, TRANSACTION_ALREADY_LOGGED, SUGGESTION_NOT_FOUND, ALLOCATION_INVALID,
 * PROTOCOL_UNKNOWN, STORAGE_FULL
 */
export const createTransaction = defineCommand({
  plan: async (deps: LoggingDependencies, input: CreateTransactionInput) => {
    const { owner_id } = deps.actor;
    const txHash = readTransactionHash(input.tx_hash);
    const allocation = await readAllocation(deps, input);
    const logged = {
      id: deps.createId(),
      owner_id,
      tx_hash: txHash,
      tx_type: input.tx_type,
      amount: input.amount,
      details: JSON.stringify(input.details),
      suggestion_id: input.suggestion_id ?? null,
      created_at: deps.clock(),
    };
    const { id: transaction_id, suggestion_id, created_at } = logged;
    return {
      quotaBytes: deps.storageQuotas[deps.actor.plan],
      details: input.details,
      logged,
      entry: { id: deps.createId(), transaction_id, status: "pending" as const, observed_at: created_at },
      snapshot: allocation && snapshotOf(deps, { ...allocation, suggestion_id, transaction_id }),
    };
  },

  write: async (trx, { logged, entry, snapshot, details, quotaBytes }, emit) => {
    const stored = await insertTransaction(trx, { logged, entry, snapshot });
    if (stored === undefined) {
      throw new AppError("TRANSACTION_ALREADY_LOGGED", { tx_hash: logged.tx_hash });
    }
    const { stored_bytes, ...place } = stored;
    assertRoom(quotaBytes, stored_bytes);
    emit({
      type: "transaction.logged",
      subject: logged.id,
      owner_id: logged.owner_id,
      payload: { tx_type: logged.tx_type, suggestion_id: logged.suggestion_id },
    });
    return toTransaction({ ...logged, ...place, details, status: "pending" });
  },
});

/**
 * The user's transactions.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getTransactions(
  deps: TransactionsDependencies,
  input: ListTransactionsInput,
): Promise<Transactions> {
  const { owner_id } = deps.actor;
  const view = { list: "transactions", owner_id, input };
  const after = readCursor(view, pageKey);
  const rows = await listTransactions(deps.db, {
    owner_id,
    tx_type: input.tx_type,
    status: input.status,
    created_from: toDate(input.created_from),
    created_until: toDate(input.created_until),
    sort: input.sort,
    after: after && { first_position: after[0], amount: after[1] },
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.first_position, row.amount]);
  return { items: page.items.map(toTransaction), next_cursor: page.next_cursor };
}

/**
 * One of the user's transactions.
 *
 * @throws AppError TX_HASH_INVALID, TRANSACTION_NOT_FOUND, also for another user's
 */
export async function getTransaction(
  deps: TransactionsDependencies,
  input: GetTransactionInput,
): Promise<Transaction> {
  const txHash = readTransactionHash(input.tx_hash);
  const row = await findTransaction(deps.db, { owner_id: deps.actor.owner_id, tx_hash: txHash });
  if (row === undefined) throw new AppError("TRANSACTION_NOT_FOUND", undefined);
  return toTransaction(row);
}

/**
 * What was done by a transaction, for whoever knows its id from an event.
 *
 * @returns undefined when the owner has logged none with this id
 */
export async function getLoggedTransaction(
  { db }: { readonly db: Database },
  key: { readonly id: string; readonly owner_id: string },
): Promise<Pick<TransactionRow, "tx_hash" | "tx_type"> | undefined> {
  return findLoggedTransaction(db, key);
}

function toDate(moment: string | undefined): Date | undefined {
  return moment === undefined ? undefined : new Date(moment);
}

function readTransactionHash(text: string): string {
  try {
    return parseTransactionHash(text);
  } catch (cause) {
    if (cause instanceof StarknetError) throw new AppError("TX_HASH_INVALID", undefined, { cause });
    throw cause;
  }
}

/** The allocation after the transaction, from the suggestion it follows or as the caller states it. */
async function readAllocation(
  deps: TransactionsDependencies,
  input: CreateTransactionInput,
): Promise<{ allocation_bp: Record<string, number>; reason: string } | undefined> {
  const { suggestion_id, allocation, tx_type } = input;
  if (suggestion_id === undefined && allocation === undefined) return undefined;
  if (tx_type !== "allocate" && tx_type !== "rebalance") {
    throw new AppError("ALLOCATION_INVALID", { reason: `a ${tx_type} does not change the allocation` });
  }
  if (suggestion_id !== undefined && allocation !== undefined) {
    throw new AppError("ALLOCATION_INVALID", { reason: "give a suggestion or an allocation, not both" });
  }
  if (suggestion_id !== undefined) {
    const { allocation_bp } = await getSuggestion(deps, suggestion_id);
    return { allocation_bp, reason: `Carried out suggestion ${suggestion_id}` };
  }
  const allocationBp = allocationToBasisPoints(allocation ?? {});
  const protocols = Object.keys(allocationBp).filter((name) => name !== unallocatedName);
  await assertKnownProtocols(deps, protocols);
  return { allocation_bp: allocationBp, reason: `Logged with the ${tx_type} transaction` };
}

function toTransaction(row: TransactionRow): Transaction {
  return {
    id: row.id,
    tx_hash: row.tx_hash,
    tx_type: row.tx_type,
    amount: row.amount,
    details: row.details as JsonObject,
    suggestion_id: row.suggestion_id,
    created_at: row.created_at.toISOString(),
    status: row.status,
    chain: { position: Number(row.position), hash: toHex(row.hash) },
  };
}
