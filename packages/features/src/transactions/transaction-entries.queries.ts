import type { TimeOrder } from "@obsqra/contract";
import type { Database, NewRow, Row, Tables } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";

/** An entry of a user's chained log: a transaction with a status that it came to have. */
export type TransactionEntryRow = Omit<Row<Tables["transactions"]>, "id" | "owner_id" | "sequence"> &
  Omit<Row<Tables["transaction_statuses"]>, "id" | "sequence" | "owner_id">;

/** @returns the place in the chain, which the database gives */
export async function insertTransactionStatus(
  db: Database,
  row: NewRow<Tables["transaction_statuses"]>,
): Promise<Pick<TransactionEntryRow, "position" | "hash">> {
  return db
    .insertInto("transaction_statuses")
    .values(row)
    .returning(["hash", ({ cast }) => cast<string>("position", "text").as("position")])
    .executeTakeFirstOrThrow();
}

/** A user's entries by their position. */
export async function listTransactionEntries(
  db: Database,
  page: {
    readonly owner_id: string;
    readonly sort: TimeOrder;
    /** The position to continue after. */
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<TransactionEntryRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = selectEntries(db, page.owner_id);
  if (page.after !== undefined) query = query.where("entry.position", beyond, page.after);
  return query.orderBy("entry.position", direction).limit(page.limit).execute();
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
      ])
      // As text on both engines: PGlite gives a bigint as a number.
      .select(({ cast }) => cast<string>("entry.position", "text").as("position"))
      .where("entry.owner_id", "=", ownerId)
  );
}
