import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

/** A logged transaction with its newest status. */
export type TransactionRow = Omit<Row<Tables["transactions"]>, "user_id" | "sequence"> &
  Pick<Row<Tables["transaction_statuses"]>, "status">;

export async function insertTransaction(
  trx: DatabaseTransaction,
  row: NewRow<Tables["transactions"]>,
): Promise<void> {
  await trx.insertInto("transactions").values(row).execute();
}

export async function insertTransactionStatus(
  trx: DatabaseTransaction,
  row: NewRow<Tables["transaction_statuses"]>,
): Promise<void> {
  await trx.insertInto("transaction_statuses").values(row).execute();
}

/** A user's transactions, newest first. */
export async function listTransactions(
  db: Database,
  page: {
    readonly user_id: string;
    readonly tx_type: TransactionRow["tx_type"] | undefined;
    readonly status: TransactionRow["status"] | undefined;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<TransactionRow[]> {
  const { tx_type, status, before } = page;
  let query = selectWithStatus(db).where("logged.user_id", "=", page.user_id);
  if (tx_type !== undefined) query = query.where("logged.tx_type", "=", tx_type);
  if (status !== undefined) query = query.where("newest.status", "=", status);
  if (before !== undefined) {
    query = query.where("logged.sequence", "<", ({ selectFrom }) =>
      selectFrom("transactions as last").select("last.sequence").where("last.id", "=", before),
    );
  }
  return query.orderBy("logged.sequence", "desc").limit(page.limit).execute();
}

export async function findTransaction(
  db: Database,
  key: { readonly user_id: string; readonly tx_hash: string },
): Promise<TransactionRow | undefined> {
  return selectWithStatus(db)
    .where("logged.user_id", "=", key.user_id)
    .where("logged.tx_hash", "=", key.tx_hash)
    .executeTakeFirst();
}

/** Every status that some transactions of a user have had, oldest first. */
export async function listTransactionStatuses(
  db: Database,
  of: { readonly user_id: string; readonly transaction_ids: readonly string[] },
): Promise<Pick<Row<Tables["transaction_statuses"]>, "transaction_id" | "status" | "observed_at">[]> {
  return db
    .selectFrom("transaction_statuses as seen")
    .innerJoin("transactions as logged", "logged.id", "seen.transaction_id")
    .select(["seen.transaction_id", "seen.status", "seen.observed_at"])
    .where("logged.user_id", "=", of.user_id)
    .where("logged.id", "in", of.transaction_ids)
    .orderBy("seen.sequence")
    .execute();
}

function selectWithStatus(db: Database) {
  return db
    .selectFrom("transactions as logged")
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom("transaction_statuses")
          .select("transaction_statuses.status")
          .whereRef("transaction_statuses.transaction_id", "=", "logged.id")
          .orderBy("transaction_statuses.sequence", "desc")
          .limit(1)
          .as("newest"),
      (join) => join.on(sql<boolean>`true`),
    )
    .select([
      "logged.id",
      "logged.tx_hash",
      "logged.tx_type",
      "logged.amount",
      "logged.details",
      "logged.suggestion_id",
      "logged.created_at",
      "newest.status",
    ]);
}
