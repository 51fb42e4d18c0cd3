import type {
  CreateTransactionInput,
  GetTransactionInput,
  ListTransactionsInput,
  Transaction,
  Transactions,
} from "@obsqra/contract";
import { transaction as transactionSchema } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { isUniqueViolation } from "@obsqra/db";
import { parseTransactionHash, StarknetError } from "@obsqra/starknet";
import { allocationToBasisPoints } from "../allocation.ts";
import { recordAllocation } from "../analytics/allocation-history.service.ts";
import { assertKnownProtocols } from "../analytics/protocols.service.ts";
import { AppError } from "../app-error.ts";
import type { CreateId } from "../create-id.ts";
import { decodeCursor, idKey, toPage } from "../cursor.ts";
import { getSuggestion } from "../predictions/suggestions.service.ts";
import type { Principal } from "../principal.ts";
import {
  findTransaction,
  insertTransaction,
  insertTransactionStatus,
  listTransactionStatuses,
  listTransactions,
  type TransactionRow,
} from "./transactions.queries.ts";

/** What the log of transactions uses. */
export interface TransactionsDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly principal: Principal;
}

/** A transaction with every status that it has had, oldest first. */
export interface TransactionHistory extends Transaction {
  readonly statuses: readonly { readonly status: Transaction["status"]; readonly observed_at: string }[];
}

const pageKey = idKey("transactions");

/**
 * Logs a transaction, with a snapshot of the allocation that it leads to where it says so.
 *
 * @throws AppError TX_HASH_INVALID, TRANSACTION_ALREADY_LOGGED, SUGGESTION_NOT_FOUND, ALLOCATION_INVALID,
 * PROTOCOL_UNKNOWN
 */
export async function createTransaction(
  deps: TransactionsDependencies,
  input: CreateTransactionInput,
): Promise<Transaction> {
  const txHash = readTransactionHash(input.tx_hash);
  const allocation = await readAllocation(deps, input);
  const row = {
    id: deps.createId(),
    tx_hash: txHash,
    tx_type: input.tx_type,
    amount: input.amount,
    details: JSON.stringify(input.details),
    suggestion_id: input.suggestion_id ?? null,
    created_at: deps.clock(),
  };
  try {
    await deps.db.transaction().execute(async (trx) => {
      await insertTransaction(trx, { ...row, user_id: deps.principal.user_id });
      await insertTransactionStatus(trx, {
        id: deps.createId(),
        transaction_id: row.id,
        status: "pending",
        observed_at: row.created_at,
      });
      if (allocation !== undefined) {
        await recordAllocation(deps, trx, {
          ...allocation,
          suggestion_id: row.suggestion_id,
          transaction_id: row.id,
        });
      }
    });
  } catch (cause) {
    if (isUniqueViolation(cause))
      throw new AppError("TRANSACTION_ALREADY_LOGGED", { tx_hash: txHash }, { cause });
    throw cause;
  }
  return toTransaction({ ...row, details: input.details, status: "pending" });
}

/**
 * The user's transactions, newest first.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getTransactions(
  deps: TransactionsDependencies,
  input: ListTransactionsInput,
): Promise<Transactions> {
  const rows = await listTransactions(deps.db, {
    user_id: deps.principal.user_id,
    tx_type: input.tx_type,
    status: input.status,
    before: decodeCursor(input.cursor, pageKey)?.[1],
    limit: input.limit + 1,
  });
  const page = toPage(rows, input.limit, (row) => ["transactions", row.id]);
  return { items: page.items.map(toTransaction), next_cursor: page.next_cursor };
}

/**
 * The user's transactions as `getTransactions` lists them, each with its history.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getTransactionHistories(
  deps: TransactionsDependencies,
  input: ListTransactionsInput,
): Promise<{ items: TransactionHistory[]; next_cursor: string | null }> {
  const { items, next_cursor } = await getTransactions(deps, input);
  if (items.length === 0) return { items: [], next_cursor };
  const of = { user_id: deps.principal.user_id, transaction_ids: items.map(({ id }) => id) };
  const statuses = Map.groupBy(await listTransactionStatuses(deps.db, of), (row) => row.transaction_id);
  const historyOf = (id: string) =>
    (statuses.get(id) ?? []).map(({ status, observed_at }) => ({
      status,
      observed_at: observed_at.toISOString(),
    }));
  return { items: items.map((item) => ({ ...item, statuses: historyOf(item.id) })), next_cursor };
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
  const row = await findTransaction(deps.db, { user_id: deps.principal.user_id, tx_hash: txHash });
  if (row === undefined) throw new AppError("TRANSACTION_NOT_FOUND", undefined);
  return toTransaction(row);
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
  await assertKnownProtocols(deps, Object.keys(allocationBp));
  return { allocation_bp: allocationBp, reason: `Logged with the ${tx_type} transaction` };
}

function toTransaction(row: TransactionRow): Transaction {
  return transactionSchema.parse({
    id: row.id,
    tx_hash: row.tx_hash,
    tx_type: row.tx_type,
    amount: row.amount,
    status: row.status,
    details: row.details,
    suggestion_id: row.suggestion_id,
    created_at: row.created_at.toISOString(),
  });
}
