import type { PastSuggestion, SuggestionFigures, TimeOrder } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";
import { type RawBuilder, sql } from "kysely";
import {
  readRow,
  rowsColumn,
  type ServedList,
  servedImport,
  servedImportColumn,
} from "../../market/served-data.fragments.ts";

/** A suggestion on record, with times as Postgres writes them in JSON. */
export interface PastSuggestionRow extends Omit<PastSuggestion, "improvement_interval" | "realised"> {
  readonly interval_level: number | null;
  readonly interval_lower: number | null;
  readonly interval_upper: number | null;
  readonly held_apy: number | null;
  readonly followed_apy: number | null;
  readonly recorded_at: string;
}

/** The columns of it, of `suggestion_record`. */
const pastSuggestionColumns = sql`
  id, made_on, as_of, target_at, horizon_days, risk_tolerance, size_class, outcome, forced, expected_improvement,
  interval_level, interval_lower, interval_upper, confidence, held_apy, followed_apy, recorded_at,
  case when held_apy is null then 'unobserved' else 'scored' end as status`;

/** The suggestions on record by the day on which they were made; those of one day by id. None before the first import. */
export async function listSuggestionHistory(
  db: Database,
  range: {
    readonly source: string;
    readonly now: Date;
    readonly sort: TimeOrder;
    /** Those that were made in this month alone. */
    readonly month: string | undefined;
    readonly after: { readonly made_on: Date; readonly id: string } | undefined;
    readonly limit: number;
  },
): Promise<Omit<ServedList<PastSuggestionRow>, "known_protocols">> {
  const { after, source } = range;
  const { direction, beyond } = timeOrders[range.sort];
  const order = sql.raw(direction);
  const list = sql`
    select ${pastSuggestionColumns}, (
        select leaf_index from log_entries where type = 'suggestion_outcome' and subject = suggestion_record.id::text
      )::float8 as log_index
    from suggestion_record
    where source = ${source} and exists (select from served_import) and ${isOfMonth(range.month)} and ${
      after === undefined
        ? sql`true`
        : sql`(made_on, id) ${sql.raw(beyond)} (${after.made_on}::timestamptz, ${after.id}::uuid)`
    }
    order by made_on ${order}, id ${order}
    limit ${range.limit}`;
  return readRow(
    db,
    sql<Omit<ServedList<PastSuggestionRow>, "known_protocols">>`
    with ${servedImport(range)}
    select ${servedImportColumn}, ${rowsColumn(list)}`,
  );
}

/** Whether what came of a suggestion on record, by its id there, is in the transparency log. */
const isLogged = (id: RawBuilder<unknown>) =>
  sql`exists (select from log_entries where type = 'suggestion_outcome' and subject = ${id}::text)`;

/** Until when the outcomes of suggestions of a source are in the log; undefined where none is. */
export async function findLoggedUntil(db: Database, source: string): Promise<Date | undefined> {
  const { rows } = await sql<{ recorded_at: Date }>`
    select recorded_at from suggestion_record as record
    where source = ${source} and ${isLogged(sql`record.id`)} order by recorded_at desc limit 1`.execute(db);
  return rows[0]?.recorded_at;
}

/** Suggestions of a source that were put on record since a moment, and are not in the log, the first first. */
export async function listUnloggedSuggestions(
  db: Database,
  range: { readonly source: string; readonly since: Date | undefined; readonly limit: number },
): Promise<PastSuggestionRow[]> {
  const { rows } = await sql<PastSuggestionRow>`
    select ${pastSuggestionColumns}, null as log_index from suggestion_record as record
    where source = ${range.source} and not ${isLogged(sql`record.id`)}
      and ${range.since === undefined ? sql`true` : sql`recorded_at >= ${range.since}`}
    order by recorded_at, id limit ${range.limit}`.execute(db);
  return rows;
}

function isOfMonth(month: string | undefined): RawBuilder<unknown> {
  if (month === undefined) return sql`true`;
  const first = `${month}-01T00:00:00Z`;
  return sql`made_on >= ${first}::timestamptz and made_on < ${first}::timestamptz + interval '1 month'`;
}

/** Sums over the suggestions on record of one outcome and tolerance. */
export interface SuggestionSums
  extends Pick<
    SuggestionFigures,
    "outcome" | "forced" | "risk_tolerance" | "n" | "n_prospective" | "n_unobserved" | "worst_improvement"
  > {
  /** Null where they are not summed by month. */
  readonly month: string | null;
  readonly expected_improvement: number;
  readonly held_apy: number;
  readonly followed_apy: number;
  readonly beat_holding: number;
  readonly interval_level: number;
  readonly covered: number;
  readonly confidence: number;
  /** ISO 8601; null when nothing is scored. */
  readonly first_target_at: string | null;
  readonly last_target_at: string | null;
}

/** These as a column `suggestions`, for a statement with `served_import`; by the month in which they were made, if asked for. */
export function suggestionSumsColumn(source: string, by: "all" | "month" = "all"): RawBuilder<unknown> {
  const month = by === "month" ? sql`to_char(made_on at time zone 'UTC', 'YYYY-MM')` : sql`null::text`;
  return sql`(
    select coalesce(json_agg(sums order by month desc, outcome desc, forced, risk_tolerance nulls last), '[]') from (
      select ${month} as month, outcome, forced, risk_tolerance, count(held_apy)::int as n,
        (count(held_apy) filter (where made_on < target_at))::int as n_prospective,
        (count(*) filter (where held_apy is null))::int as n_unobserved,
        coalesce(sum(expected_improvement) filter (where held_apy is not null), 0) as expected_improvement,
        coalesce(sum(held_apy), 0) as held_apy, coalesce(sum(followed_apy), 0) as followed_apy,
        (count(*) filter (where followed_apy > held_apy))::int as beat_holding,
        min(followed_apy - held_apy) as worst_improvement,
        coalesce(sum(interval_level) filter (where held_apy is not null), 0) as interval_level,
        (count(*) filter (where followed_apy - held_apy between interval_lower and interval_upper))::int as covered,
        coalesce(sum(confidence) filter (where held_apy is not null), 0) as confidence,
        min(target_at) filter (where held_apy is not null) as first_target_at,
        max(target_at) filter (where held_apy is not null) as last_target_at
      from suggestion_record
      where source = ${source} and exists (select from served_import)
      group by 1, outcome, forced, risk_tolerance
    ) as sums
  ) as suggestions`;
}
