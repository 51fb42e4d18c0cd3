import type { Database, Row, SqlValue, Tables } from "@obsqra/db";
import { clockDifferenceMs } from "@obsqra/platform";
import { type RawBuilder, sql } from "kysely";

export type { ProtocolRow } from "./protocols.queries.ts";

/** The import that is served, with times as JSON has them. */
export interface ServedImport {
  readonly id: string;
  readonly simulated: boolean;
  readonly observed_until: string;
  readonly fetched_at: string;
  /** UTC midnight of the newest day that was observed and cannot change any more. */
  readonly newest_day: string;
}

/** A source, and the moment at which it is looked at. */
export interface SourceNow {
  readonly source: string;
  readonly now: Date;
}

/** The same for a statement that is built once. */
export type SourceNowInSql = { readonly [Key in keyof SourceNow]: SqlValue<SourceNow[Key]> };

/**
 * What is served now: `served_import`, the newest import of a source, for a `with` clause; no row before the first. Whatever an
 * endpoint shows is read in the same statement, and therefore from one snapshot.
 *
 * Figures end with `newest_day`: it was over when the history was loaded, and the history reaches it. The day of the load itself is
 * still going on. It is over now, too: what a clock that ran ahead has brought is served as its days come.
 */
export function servedImport({ source, now }: SourceNowInSql): RawBuilder<unknown> {
  return sql`served_import as materialized (
    select id, simulated, observed_until, fetched_at,
      least(
        date_trunc('day', observed_until, 'UTC'), date_trunc('day', fetched_at, 'UTC') - interval '24 hours'
      ) as newest_day
    from (
      select id, simulated, ${notAfter(now, sql`observed_until`)} as observed_until,
        ${notAfter(now, sql`fetched_at`)} as fetched_at
      from market_imports where source = ${source} order by sequence desc limit 1
    ) as newest
  )`;
}

/** Whether a moment has come, by clocks that may lie as far apart as those of servers. */
export function hasCome(now: SqlValue<Date>, moment: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`${moment} <= ${latest(now)}`;
}

/** A moment, or the start of today where it has not come: which of today's it is must not change what is served. */
function notAfter(now: SqlValue<Date>, moment: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${hasCome(now, moment)} then ${moment} else date_trunc('day', ${latest(now)}, 'UTC') end`;
}

function latest(now: SqlValue<Date>): RawBuilder<Date> {
  return sql<Date>`(${now}::timestamptz + interval '${sql.raw(String(clockDifferenceMs))} milliseconds')`;
}

/** `served_import` as a column; null before the first import. */
export const servedImportColumn = sql<ServedImport | null>`
  (select row_to_json(served_import) from served_import) as served_import`;

/** Null where a protocol is known, or none is asked for; else the names of those that are. */
export function knownProtocolsColumn(protocol: SqlValue<string | undefined>): RawBuilder<unknown> {
  if (protocol === undefined) return sql`null::json as known_protocols`;
  return sql`case when not exists (select from protocols where name = ${protocol})
    then coalesce((select json_agg(name order by name) from protocols), '[]') end as known_protocols`;
}

/** The registry as a column `protocols`, by name. */
export const protocolsColumn = sql`(
    select coalesce(json_agg(registry order by name), '[]')
    from (select name, display_name, kind, status, evidence_url from protocols) as registry
  ) as protocols`;

/** A market that has lost its risk score lately, or has none for its kind, with its time as JSON has it. */
export interface DroppedMarket
  extends Pick<Row<Tables["markets"]>, "protocol" | "symbol">,
    Omit<Row<Tables["dropped_markets"]>, "source" | "last_scored_at"> {
  readonly last_scored_at: string | null;
}

/** The markets of a source that have lost their risk score lately as a column `dropped`, by id. */
export function droppedMarketsColumn(source: SqlValue<string>): RawBuilder<unknown> {
  return sql`(
    select coalesce(json_agg(lost order by market_id), '[]') from (
      select market_id, protocol, symbol, cause, last_scored_at, protocol_dropped
      from dropped_markets join markets on markets.id = market_id where source = ${source}
    ) as lost
  ) as dropped`;
}

/** The rows of a list as one column, in their order; dates become ISO 8601 text. */
export function rowsColumn(list: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select coalesce(json_agg(item), '[]') from (${list}) as item) as items`;
}

/** What a statement with the three columns gives. */
export interface ServedList<TItem> {
  readonly served_import: ServedImport | null;
  readonly known_protocols: readonly string[] | null;
  readonly items: readonly TItem[];
}

/**
 * What figures of a source rest on, as JSON: when one of these changes, the figures may have. The newest of everything, by
 * six index look-ups, and the hash of the registry, which is small. Models change with a decision and never without, and
 * forecasts are made with a run. The day counts where it bounds what is served.
 */
export function dataVersion({ source, now }: SourceNowInSql): RawBuilder<DataVersion> {
  return sql<DataVersion>`json_build_object(
    'import_id', (select id from market_imports where source = ${source} order by sequence desc limit 1),
    'newest_day', (with ${servedImport({ source, now })} select newest_day from served_import),
    'decision_id', (select id from model_decisions where source = ${source} order by sequence desc limit 1),
    'forecast_runs', (
      select json_agg(newest.id) from (values ('risk'), ('yield')) as kinds (kind) cross join lateral (
        select id from forecast_runs where source = ${source} and forecast_runs.kind = kinds.kind
        order by sequence desc limit 1
      ) as newest
    ),
    'outcomes_recorded_at', (
      select actual_at from predictions
      where source = ${source} and actual_at is not null order by actual_at desc limit 1
    ),
    'suggestions_recorded_at', (
      select recorded_at from suggestion_record where source = ${source} order by recorded_at desc limit 1
    ),
    'protocols', (
      select encode(sha256(convert_to(string_agg(protocols::text, ',' order by name), 'UTF8')), 'hex')
      from protocols
    )
  )`;
}

/** Runs a statement of one row, such as one of scalar columns only. */
export async function readRow<TRow>(db: Database, statement: RawBuilder<TRow>): Promise<TRow> {
  const { rows } = await statement.execute(db);
  return theRow(rows[0]);
}

/** The row of a statement that always gives one. */
export function theRow<TRow>(row: TRow | undefined): TRow {
  if (row === undefined) throw new Error("A statement that always gives a row gave none.");
  return row;
}

/** Only compared, never looked into. */
export type DataVersion = object;
