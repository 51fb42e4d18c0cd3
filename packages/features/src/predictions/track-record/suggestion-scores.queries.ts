import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

/** A suggestion whose horizon has ended. */
export interface DueSuggestionRow
  extends Pick<Row<Tables["rebalance_suggestions"]>, "id" | "outcome" | "answer" | "created_at"> {
  readonly due_at: Date;
  /** Whether it is the first that its owner was given on its day. */
  readonly is_first: boolean;
  readonly size_class: NonNullable<Row<Tables["suggestion_record"]>["size_class"]>;
  /** Owners whose first of the same day had the same horizon, tolerance and size. */
  readonly alike: number;
}

/** A row of suggestions, by the name that a statement gives it. */
type Table = "due" | "other" | "earlier";

const day = (table: Table) => sql`date_trunc('day', ${sql.ref(`${table}.created_at`)}, 'UTC')`;
const tolerance = (table: Table) => sql`${sql.ref(`${table}.answer`)} ->> 'risk_tolerance'`;

const isFirst = (table: Table) => sql`not exists (
  select from rebalance_suggestions as earlier
  where earlier.owner_id = ${sql.ref(`${table}.owner_id`)} and earlier.sequence < ${sql.ref(`${table}.sequence`)}
    and ${day("earlier")} = ${day(table)}
)`;

function sizeClass(table: Table): RawBuilder<unknown> {
  const answer = sql.ref(`${table}.answer`);
  return sql`case
    when (${answer} ->> 'amount_assumed')::boolean then 'not_stated'
    when (${answer} ->> 'amount')::numeric < 1000 then 'below_1000'
    when (${answer} ->> 'amount')::numeric < 10000 then 'from_1000'
    when (${answer} ->> 'amount')::numeric < 100000 then 'from_10000'
    when (${answer} ->> 'amount')::numeric < 1000000 then 'from_100000'
    else 'from_1000000' end`;
}

/** Suggestions of a source that are not settled and whose horizon has ended until then, by its end. */
export async function listDueSuggestions(
  db: Database,
  page: {
    readonly source: string;
    readonly until: Date;
    readonly after: { readonly due_at: Date; readonly id: string } | undefined;
    readonly limit: number;
  },
): Promise<DueSuggestionRow[]> {
  const { after } = page;
  const { rows } = await sql<DueSuggestionRow>`
    with due as materialized (
      select id, sequence, owner_id, outcome, answer, created_at, due_at from rebalance_suggestions
      where scored_at is null and due_at <= ${page.until} and answer #>> '{data_source,name}' = ${page.source}
        and ${after === undefined ? sql`true` : sql`(due_at, id) > (${after.due_at}, ${after.id}::uuid)`}
      order by due_at, id limit ${page.limit}
    ), alike as (
      select due_at, ${day("other")} as day, ${tolerance("other")} as tolerance, ${sizeClass("other")} as size_class,
        count(*)::int as owners
      from rebalance_suggestions as other 
      where due_at in (select due_at from due) and answer #>> '{data_source,name}' = ${page.source} and ${isFirst("other")}
      group by 1, 2, 3, 4
    )
    select due.id, due.outcome, due.answer, due.created_at, due.due_at, ${sizeClass("due")} as size_class,
      coalesce(alike.owners, 0) as alike, ${isFirst("due")} as is_first
    from due left join alike on alike.due_at = due.due_at and alike.day = ${day("due")}
      and alike.tolerance = ${tolerance("due")} and alike.size_class = ${sizeClass("due")}
    order by due.due_at, due.id`.execute(db);
  return rows;
}

/** Which markets stood behind the forecasts of protocols as a whole, with their weights. */
export async function listProtocolMarkets(
  db: Database,
  forecasts: {
    readonly source: string;
    readonly versions: readonly string[];
    readonly days: readonly Date[];
  },
): Promise<ProtocolMarketsRow[]> {
  return db
    .selectFrom("predictions")
    .select(["protocol", "model_version", "as_of"])
    .select(sql<ProtocolMarketsRow["markets"]>`details -> 'markets'`.as("markets"))
    .where("source", "=", forecasts.source)
    .where("kind", "=", "yield")
    .where("market_id", "is", null)
    .where("model_version", "in", forecasts.versions)
    .where("as_of", "in", forecasts.days)
    .execute();
}

/** The markets of a protocol's forecast. */
export interface ProtocolMarketsRow
  extends Pick<Row<Tables["predictions"]>, "protocol" | "model_version" | "as_of"> {
  readonly markets: { readonly market_id: string; readonly weight: number }[] | null;
}

/**
 * Marks suggestions as settled: of several who do so, one.
 *
 * @returns those that were not settled yet
 */
export async function settleSuggestions(
  trx: DatabaseTransaction,
  settled: { readonly ids: readonly string[]; readonly now: Date },
): Promise<ReadonlySet<string>> {
  const rows = await trx
    .updateTable("rebalance_suggestions")
    .set({ scored_at: settled.now })
    .where("id", "in", settled.ids)
    .where("scored_at", "is", null)
    .returning("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Puts suggestions on record, in an order that says nothing of who was given them. */
export async function insertSuggestionRecords(
  trx: DatabaseTransaction,
  rows: readonly NewRow<Tables["suggestion_record"]>[],
): Promise<void> {
  await sql`
    insert into suggestion_record (source, made_on, as_of, target_at, horizon_days, risk_tolerance, size_class, outcome,
      forced, expected_improvement, interval_level, interval_lower, interval_upper, confidence, held_apy, followed_apy,
      recorded_at)
    select source, made_on, as_of, target_at, horizon_days, risk_tolerance, size_class, outcome, forced,
      expected_improvement, interval_level, interval_lower, interval_upper, confidence, held_apy, followed_apy, recorded_at
    from json_populate_recordset(null::suggestion_record, ${JSON.stringify(rows)}::json)
    order by gen_random_uuid()`.execute(trx);
}
