import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

/** A transaction that the chain is to be asked about. */
export interface OpenTransactionRow {
  readonly id: string;
  readonly owner_id: string;
  readonly tx_hash: string;
  readonly created_at: Date;
  readonly status: Row<Tables["transaction_statuses"]>["status"];
}

/** Adds transactions that were logged; those that are there stay as they are. */
export async function insertOpenTransactions(
  trx: DatabaseTransaction,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  await sql`insert into open_transactions (transaction_id, next_check_at)
    select id, ${now} from transactions where id = any(${[...ids]}::uuid[]) on conflict do nothing`.execute(
    trx,
  );
}

/** Has the chain asked at once about whatever these owners have open. */
export async function hastenOpenTransactions(
  trx: DatabaseTransaction,
  owners: readonly string[],
  now: Date,
): Promise<void> {
  await sql`update open_transactions set next_check_at = ${now}
    from transactions where transactions.id = open_transactions.transaction_id
      and transactions.owner_id = any(${[...owners]}::uuid[])`.execute(trx);
}

/** Those whose time has come, longest due first. */
export async function listDueTransactions(
  db: Database,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<OpenTransactionRow[]> {
  const { rows } = await sql<OpenTransactionRow>`
    select logged.id, logged.owner_id, logged.tx_hash, logged.created_at, newest.status
    from open_transactions as due join transactions as logged on logged.id = due.transaction_id
    cross join lateral (
      select status from transaction_statuses where transaction_id = logged.id order by position desc limit 1
    ) as newest
    where due.next_check_at <= ${now} order by due.next_check_at limit ${limit}`.execute(db);
  return rows;
}

/** @param nextCheckAt undefined when the chain need not be asked any more */
export async function updateOpenTransaction(
  db: Database,
  id: string,
  nextCheckAt: Date | undefined,
): Promise<void> {
  if (nextCheckAt === undefined) {
    await db.deleteFrom("open_transactions").where("transaction_id", "=", id).execute();
    return;
  }
  await db
    .updateTable("open_transactions")
    .set({ next_check_at: nextCheckAt })
    .where("transaction_id", "=", id)
    .execute();
}
