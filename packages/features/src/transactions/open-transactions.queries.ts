import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

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
  await sql`insert into open_transactions (transaction_id, owner_id, next_check_at)
    select id, owner_id, ${now} from transactions where id = any(${[...ids]}::uuid[]) on conflict do nothing`.execute(
    trx,
  );
}

/** Makes all open transactions of these owners due at once. */
export async function hastenOpenTransactions(
  trx: DatabaseTransaction,
  owners: readonly string[],
  now: Date,
): Promise<void> {
  await sql`update open_transactions set next_check_at = ${now} where owner_id = any(${[...owners]}::uuid[])`.execute(
    trx,
  );
}

/** Of one owner, in one run; the rest waits for the next, since sorting it would be in vain. */
const perOwnerMax = 100;

/**
 * Those whose time has come: one of each owner, then the next of each, longest due first. What is to wait until after `latest` was
 * stored before the clock was set back, and is due as well.
 */
export async function listDueTransactions(
  db: Database,
  { now, latest, limit }: { readonly now: Date; readonly latest: Date; readonly limit: number },
): Promise<OpenTransactionRow[]> {
  // Each by the index, in its order; with "or", every transaction of an owner would be read.
  const ofOwner = (isDue: RawBuilder<boolean>) => sql`(
    select transaction_id, next_check_at from open_transactions
    where owner_id = owners.owner_id and ${isDue} order by next_check_at limit ${perOwnerMax}
  )`;
  const { rows } = await sql<OpenTransactionRow>`
    with recursive owners as (
      (select owner_id from open_transactions order by owner_id limit 1)
      union all
      select (
        select owner_id from open_transactions where owner_id > owners.owner_id order by owner_id limit 1
      ) from owners where owners.owner_id is not null
    ), due as (
      select turns.* from owners cross join lateral (
        select transaction_id, next_check_at, row_number() over (order by next_check_at) as turn
        from (${ofOwner(sql`next_check_at <= ${now}`)} union all ${ofOwner(sql`next_check_at > ${latest}`)}) as parts
        order by next_check_at limit ${perOwnerMax}
      ) as turns
      order by turn, next_check_at limit ${limit}
    )
    select logged.id, logged.owner_id, logged.tx_hash, logged.created_at, newest.status
    from due join transactions as logged on logged.id = due.transaction_id
    cross join lateral (
      select status from transaction_statuses where transaction_id = logged.id order by position desc limit 1
    ) as newest
    order by due.turn, due.next_check_at`.execute(db);
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
