import type { ListTransactionsInput } from "@obsqra/contract";
import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type FoundRows, listWithinBytes, timeOrders } from "@obsqra/platform";
import { type RawBuilder, sql } from "kysely";

/** A logged transaction with its newest entry in the chained log. */
export type TransactionRow = Omit<Row<Tables["transactions"]>, "owner_id" | "details_bytes"> &
  Pick<Row<Tables["transaction_statuses"]>, "status" | "position" | "hash">;

/** A transaction with all that is stored with it. */
export interface NewTransactionRows {
  readonly logged: NewRow<Tables["transactions"]>;
  /** The first entry in the owner's chained log. */
  readonly entry: NewRow<Tables["transaction_statuses"]>;
  /** The allocation that it leads to, where it says so. */
  readonly snapshot: NewRow<Tables["allocation_history"]> | undefined;
}

/** What the database says of a transaction that it has stored. */
export interface StoredTransaction extends Pick<TransactionRow, "position" | "hash"> {
  /** What the owner had stored before; null when that was nothing. */
  readonly stored_bytes: string | null;
}

/**
 * Stores a transaction, its entry and its snapshot in one statement.
 *
 * @returns the entry's place in the chain, which the database gives; undefined when the owner has logged this hash before
 */
export async function insertTransaction(
  trx: DatabaseTransaction,
  { logged, entry, snapshot }: NewTransactionRows,
): Promise<StoredTransaction | undefined> {
  const stored = trx.with("logged", (query) =>
    query
      .insertInto("transactions")
      .values(logged)
      .onConflict((conflict) => conflict.columns(["owner_id", "tx_hash"]).doNothing())
      .returning("id"),
  );
  const withSnapshot =
    snapshot === undefined
      ? stored
      : stored.with("snapshot", (query) =>
          query
            .insertInto("allocation_history")
            .columns([
              "id",
              "owner_id",
              "allocation_bp",
              "reason",
              "suggestion_id",
              "transaction_id",
              "created_at",
            ])
            .expression((inner) =>
              inner
                .selectFrom("logged")
                .select((row) => [
                  row.cast<string>(row.val(snapshot.id), "uuid").as("id"),
                  row.cast<string>(row.val(snapshot.owner_id), "uuid").as("owner_id"),
                  row
                    .cast<Record<string, number>>(row.val(snapshot.allocation_bp), "jsonb")
                    .as("allocation_bp"),
                  row.val(snapshot.reason).as("reason"),
                  row.cast<string | null>(row.val(snapshot.suggestion_id), "uuid").as("suggestion_id"),
                  "logged.id as transaction_id",
                  row.cast<Date>(row.val(snapshot.created_at), "timestamptz").as("created_at"),
                ]),
            ),
        );
  // Chained last: until the transaction ends, other entries of this owner have to wait. Selecting from `logged` makes it wait
  // for the row that the trigger reads.
  return withSnapshot
    .insertInto("transaction_statuses")
    .columns(["id", "transaction_id", "status", "observed_at"])
    .expression((inner) =>
      inner
        .selectFrom("logged")
        .select((row) => [
          row.cast<string>(row.val(entry.id), "uuid").as("id"),
          "logged.id as transaction_id",
          row.val(entry.status).as("status"),
          row.cast<Date>(row.val(entry.observed_at), "timestamptz").as("observed_at"),
        ]),
    )
    .returning([
      "hash",
      ({ cast }) => cast<string>("position", "text").as("position"),
      storedBytes(logged.owner_id).as("stored_bytes"),
    ])
    .executeTakeFirst();
}

/** What an owner has stored before the statement, as text. */
function storedBytes(ownerId: string): RawBuilder<string | null> {
  return sql<string | null>`(select cast(bytes as text) from storage_use where owner_id = ${ownerId})`;
}

/** Which of a user's transactions, in which order. */
export interface TransactionsPage {
  readonly owner_id: string;
  readonly tx_type: TransactionRow["tx_type"] | undefined;
  readonly status: TransactionRow["status"] | undefined;
  /** Inclusive. */
  readonly created_from: Date | undefined;
  /** Exclusive. */
  readonly created_until: Date | undefined;
  readonly sort: ListTransactionsInput["sort"];
  /** The transaction to continue after. */
  readonly after: TransactionKey | undefined;
  readonly limit: number;
}

/** What transactions are ordered by. */
export interface TransactionKey {
  /** Of its first entry in the user's log, whose positions are given in the order in which they can be seen. */
  readonly first_position: string;
  readonly amount: string;
}

/** A user's transactions by time or by amount; equal amounts are by time. No more than fit into a page. */
export async function listTransactions(
  db: Database,
  page: TransactionsPage,
): Promise<FoundRows<TransactionRow & TransactionKey>> {
  const { tx_type, status, created_from, created_until, after } = page;
  const { direction, isByAmount } = orders[page.sort];
  let query = selectWithStatus(db.withoutPlugins())
    .innerJoin("transaction_statuses as first", (join) =>
      // Not `=`, from which the planner would conclude that it may read both tables by owner and compare each row with each,
      // as it does while it has no statistics.
      join
        .onRef("first.transaction_id", "=", "logged.id")
        .on(sql<boolean>`first.owner_id is not distinct from logged.owner_id`)
        .on("first.status", "=", "pending"),
    )
    .select(["first.position as place", "logged.details_bytes as row_bytes"])
    .select(({ cast }) => cast<string>("first.position", "text").as("first_position"))
    .where(isByAmount ? "logged.owner_id" : "first.owner_id", "=", page.owner_id);
  if (tx_type !== undefined) query = query.where("logged.tx_type", "=", tx_type);
  if (status !== undefined) query = query.where("newest.status", "=", status);
  if (created_from !== undefined) query = query.where("logged.created_at", ">=", created_from);
  if (created_until !== undefined) query = query.where("logged.created_at", "<", created_until);
  if (after !== undefined) query = query.where(isAfter(after, page.sort));
  if (isByAmount) query = query.orderBy("logged.amount", direction);
  const way = sql.raw(direction);
  return listWithinBytes(
    db,
    query.orderBy("first.position", direction).limit(page.limit),
    isByAmount ? sql`amount ${way}, place ${way}` : sql`place ${way}`,
  );
}

export async function findTransaction(
  db: Database,
  key: { readonly owner_id: string; readonly tx_hash: string },
): Promise<TransactionRow | undefined> {
  return selectWithStatus(db)
    .where("logged.owner_id", "=", key.owner_id)
    .where("logged.tx_hash", "=", key.tx_hash)
    .executeTakeFirst();
}

const orders = {
  newest: { ...timeOrders.newest, isByAmount: false },
  oldest: { ...timeOrders.oldest, isByAmount: false },
  highest: { ...timeOrders.newest, isByAmount: true },
  lowest: { ...timeOrders.oldest, isByAmount: true },
} as const satisfies Record<TransactionsPage["sort"], object>;

function isAfter(last: TransactionKey, sort: TransactionsPage["sort"]): RawBuilder<boolean> {
  const { isByAmount, ...order } = orders[sort];
  const beyond = sql.raw(order.beyond);
  const position = sql`${last.first_position}::bigint`;
  if (!isByAmount) return sql<boolean>`first.position ${beyond} ${position}`;
  const amount = sql`${last.amount}::numeric`;
  // The first condition follows from the second, but only it is one that an index can start from.
  return sql<boolean>`logged.amount ${beyond}= ${amount}
    and (logged.amount, first.position) ${beyond} (${amount}, ${position})`;
}

function selectWithStatus(db: Database) {
  return db
    .selectFrom("transactions as logged")
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom("transaction_statuses")
          .select(["transaction_statuses.status", "transaction_statuses.hash"])
          // As text on both engines: PGlite gives a bigint as a number.
          .select(({ cast }) => cast<string>("transaction_statuses.position", "text").as("position"))
          .whereRef("transaction_statuses.transaction_id", "=", "logged.id")
          // Another's chain vouches for nothing about it.
          .whereRef("transaction_statuses.owner_id", "=", "logged.owner_id")
          .orderBy("transaction_statuses.position", "desc")
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
      "newest.position",
      "newest.hash",
    ]);
}
