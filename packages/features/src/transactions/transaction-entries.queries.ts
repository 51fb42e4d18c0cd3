import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type FoundRows, listWithinBytes, type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

/** An entry of a user's chained log: a transaction with a status that it came to have. */
export type TransactionEntryRow = Omit<Row<Tables["transactions"]>, "id" | "owner_id" | "details_bytes"> &
  Row<Tables["transaction_statuses"]>;

/** Adds an entry about a transaction that is logged; the database gives its place in the chain. */
export async function insertTransactionStatus(
  trx: DatabaseTransaction,
  row: NewRow<Tables["transaction_statuses"]>,
): Promise<void> {
  await trx.insertInto("transaction_statuses").values(row).execute();
}

/** A user's entries by their position, no more than fit into a page. */
export async function listTransactionEntries(
  db: Database,
  page: TimePage & { readonly owner_id: string },
): Promise<FoundRows<TransactionEntryRow>> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = selectEntries(db.withoutPlugins(), page.owner_id);
  if (page.after !== undefined) query = query.where("entry.position", beyond, page.after);
  return listWithinBytes(
    db,
    query.orderBy("entry.position", direction).limit(page.limit),
    sql`place ${sql.raw(direction)}`,
  );
}

/** Whether something was logged for a user that has no entry. */
export async function hasTransactionWithoutEntry(db: Database, ownerId: string): Promise<boolean> {
  const found = await db
    .selectFrom("transactions as logged")
    .select("logged.id")
    .where("logged.owner_id", "=", ownerId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("transaction_statuses as entry")
            .select("entry.id")
            .whereRef("entry.transaction_id", "=", "logged.id")
            .whereRef("entry.owner_id", "=", "logged.owner_id"),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

function selectEntries(db: Database, ownerId: string) {
  return (
    db
      .selectFrom("transaction_statuses as entry")
      .innerJoin("transactions as logged", (join) =>
        join.onRef("logged.id", "=", "entry.transaction_id").onRef("logged.owner_id", "=", "entry.owner_id"),
      )
      .select([
        "entry.id",
        "entry.owner_id",
        "entry.hash_version",
        "entry.transaction_id",
        "logged.tx_hash",
        "logged.tx_type",
        "logged.amount",
        "logged.details",
        "logged.suggestion_id",
        "logged.created_at",
        "entry.status",
        "entry.observed_at",
        "entry.content_hash",
        "entry.previous_hash",
        "entry.hash",
        "entry.position as place",
        "logged.details_bytes as row_bytes",
      ])
      // As text on both engines: PGlite gives a bigint as a number.
      .select(({ cast }) => cast<string>("entry.position", "text").as("position"))
      .where("entry.owner_id", "=", ownerId)
  );
}
