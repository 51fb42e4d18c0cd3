import type { ListTransactionsInput } from "@obsqra/contract";
import {
  type Database,
  type DatabaseTransaction,
  defineStatement,
  defineStatements,
  type NewRow,
  type Placeholders,
  type Row,
  type Tables,
} from "@obsqra/db";
import { type FoundRows, timeOrders, toFoundRows, withinBytes } from "@obsqra/platform";
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
  return storedTransaction({ hasSnapshot: snapshot !== undefined }).first(trx, {
    ...logged,
    suggestion_id: logged.suggestion_id ?? null,
    entry_id: entry.id,
    status: entry.status,
    observed_at: entry.observed_at,
    snapshot_id: snapshot?.id,
    allocation_bp: snapshot?.allocation_bp,
    reason: snapshot?.reason,
  });
}

/** All values of the rows; those of a snapshot only where there is one. */
interface TransactionValues extends Required<NewRow<Tables["transactions"]>> {
  readonly entry_id: string;
  readonly status: TransactionRow["status"];
  readonly observed_at: Date;
  readonly snapshot_id: string | undefined;
  readonly allocation_bp: string | undefined;
  readonly reason: string | undefined;
}

const storedTransaction = defineStatements(
  ({ hasSnapshot }: { readonly hasSnapshot: boolean }) =>
    (db, row: Placeholders<TransactionValues>) => {
      const stored = db.with("logged", (query) => insertLogged(query, row));
      const withSnapshot = hasSnapshot ? stored.with("snapshot", () => insertSnapshot(row)) : stored;
      // Chained last: until the transaction ends, other entries of this owner have to wait. Selecting from `logged` makes it wait
      // for the row that the trigger reads.
      return withSnapshot
        .insertInto("transaction_statuses")
        .columns(["id", "transaction_id", "status", "observed_at"])
        .expression((inner) =>
          inner
            .selectFrom("logged")
            .select(({ cast }) => [
              cast<string>(row.entry_id, "uuid").as("id"),
              "logged.id as transaction_id",
              row.status.as("status"),
              cast<Date>(row.observed_at, "timestamptz").as("observed_at"),
            ]),
        )
        .returning([
          "hash",
          ({ cast }) => cast<string>("position", "text").as("position"),
          storedBytes(row.owner_id).as("stored_bytes"),
        ]);
    },
);

function insertLogged(db: Pick<Database, "insertInto">, row: Placeholders<TransactionValues>) {
  const { id, owner_id, tx_hash, tx_type, amount, details, suggestion_id, created_at } = row;
  return db
    .insertInto("transactions")
    .values({ id, owner_id, tx_hash, tx_type, amount, details, suggestion_id, created_at })
    .onConflict((conflict) => conflict.columns(["owner_id", "tx_hash"]).doNothing())
    .returning("id");
}

/** Of the row in `logged`. */
function insertSnapshot(row: Placeholders<TransactionValues>): RawBuilder<Record<string, never>> {
  return sql`(insert into allocation_history
      (id, owner_id, allocation_bp, reason, suggestion_id, transaction_id, created_at)
    select ${row.snapshot_id}::uuid, ${row.owner_id}::uuid, ${row.allocation_bp}::jsonb, ${row.reason},
      ${row.suggestion_id}::uuid, logged.id, ${row.created_at}::timestamptz
    from logged)`;
}

/** What an owner has stored before the row, as text. Locked, so that it is what others at the same time have left. */
function storedBytes(ownerId: RawBuilder<string>): RawBuilder<string | null> {
  return sql<
    string | null
  >`(select cast(bytes as text) from storage_use where owner_id = ${ownerId} for update)`;
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
  const { after, sort, ...asked } = page;
  const statement = transactionsOf({
    sort,
    isOfType: page.tx_type !== undefined,
    isOfStatus: page.status !== undefined,
    isFrom: page.created_from !== undefined,
    isUntil: page.created_until !== undefined,
    isAfter: after !== undefined,
  });
  const last = { last_position: after?.first_position, last_amount: after?.amount };
  return toFoundRows(await statement.all(db, { ...asked, ...last }));
}

/** What a list is asked with. What its shape leaves out is not looked at. */
interface PageValues extends Omit<TransactionsPage, "sort" | "after"> {
  readonly last_position: string | undefined;
  readonly last_amount: string | undefined;
}

/** In what the statements of the list differ. */
interface PageShape extends Pick<TransactionsPage, "sort"> {
  readonly isOfType: boolean;
  readonly isOfStatus: boolean;
  readonly isFrom: boolean;
  readonly isUntil: boolean;
  readonly isAfter: boolean;
}

const transactionsOf = defineStatements((shape: PageShape) => (db, asked: Placeholders<PageValues>) => {
  const { direction, isByAmount } = orders[shape.sort];
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
    .where(isByAmount ? "logged.owner_id" : "first.owner_id", "=", asked.owner_id);
  if (shape.isOfType) query = query.where(sql<boolean>`logged.tx_type = ${asked.tx_type}`);
  if (shape.isOfStatus) query = query.where(sql<boolean>`newest.status = ${asked.status}`);
  if (shape.isFrom) query = query.where(sql<boolean>`logged.created_at >= ${asked.created_from}`);
  if (shape.isUntil) query = query.where(sql<boolean>`logged.created_at < ${asked.created_until}`);
  if (shape.isAfter) query = query.where(isAfter(shape.sort, asked));
  if (isByAmount) query = query.orderBy("logged.amount", direction);
  const way = sql.raw(direction);
  return withinBytes(
    query.orderBy("first.position", direction).limit(asked.limit),
    isByAmount ? sql`amount ${way}, place ${way}` : sql`place ${way}`,
  );
});

/** Which transaction. */
interface TransactionChoice {
  readonly owner_id: string;
  readonly tx_hash: string;
}

export function findTransaction(
  db: Database,
  choice: TransactionChoice,
): Promise<TransactionRow | undefined> {
  return oneTransaction.first(db, choice);
}

/** A transaction of an owner by its id. */
export async function findLoggedTransaction(
  db: Database,
  key: { readonly id: string; readonly owner_id: string },
): Promise<Pick<Row<Tables["transactions"]>, "tx_hash" | "tx_type"> | undefined> {
  return db
    .selectFrom("transactions")
    .select(["tx_hash", "tx_type"])
    .where("id", "=", key.id)
    .where("owner_id", "=", key.owner_id)
    .executeTakeFirst();
}

const oneTransaction = defineStatement((db, { owner_id, tx_hash }: Placeholders<TransactionChoice>) =>
  selectWithStatus(db).where("logged.owner_id", "=", owner_id).where("logged.tx_hash", "=", tx_hash),
);

const orders = {
  newest: { ...timeOrders.newest, isByAmount: false },
  oldest: { ...timeOrders.oldest, isByAmount: false },
  highest: { ...timeOrders.newest, isByAmount: true },
  lowest: { ...timeOrders.oldest, isByAmount: true },
} as const satisfies Record<TransactionsPage["sort"], object>;

function isAfter(sort: TransactionsPage["sort"], asked: Placeholders<PageValues>): RawBuilder<boolean> {
  const { isByAmount, ...order } = orders[sort];
  const beyond = sql.raw(order.beyond);
  const position = sql`${asked.last_position}::bigint`;
  if (!isByAmount) return sql<boolean>`first.position ${beyond} ${position}`;
  const amount = sql`${asked.last_amount}::numeric`;
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
