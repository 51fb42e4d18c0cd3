import type { ForecastInput } from "@obsqra/contract";
import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

export type NewPredictionRow = NewRow<Tables["predictions"]>;

/** A stored forecast with its market's symbol. */
export interface ForecastRow {
  readonly protocol: string;
  readonly market_id: string | null;
  readonly symbol: string | null;
  readonly as_of: Date;
  readonly target_at: Date;
  readonly stale: boolean;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly interval_level: number;
  readonly confidence: number;
  readonly confidence_tolerance: number;
  readonly current_value: number;
  readonly baseline_value: number;
  readonly served_by: "model" | "baseline";
  readonly model_version: string;
  /** Empty in forecasts of earlier versions. */
  readonly intervals: { level: number; lower: number; upper: number }[];
  readonly illiquidity_probability: number | null;
}

/**
 * Adds forecasts; one that was made before, by the same model for the same day, stays as it was. The first of several
 * models' forecasts of a day and target goes on record, unless it is stale.
 */
export async function insertPredictions(
  trx: DatabaseTransaction,
  rows: readonly NewPredictionRow[],
): Promise<void> {
  await sql`
    insert into predictions (id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value,
      lower, upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by,
      details, created_at, on_record)
    select id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value,
      lower, upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by,
      details, created_at, not stale and not exists (
        select 1 from predictions as earlier
        where earlier.on_record and earlier.market_id is not null and earlier.market_id = row.market_id
          and earlier.source = row.source and earlier.kind = row.kind and earlier.protocol = row.protocol
          and earlier.as_of = row.as_of and earlier.target_at = row.target_at
      ) and not exists (
        select 1 from predictions as earlier
        where earlier.on_record and earlier.market_id is null and row.market_id is null
          and earlier.source = row.source and earlier.kind = row.kind and earlier.protocol = row.protocol
          and earlier.as_of = row.as_of and earlier.target_at = row.target_at
      )
    from json_to_recordset(${JSON.stringify(rows)}::json) as row (
      id uuid, kind text, source text, protocol text, market_id text, model_version text, as_of timestamptz,
      target_at timestamptz, stale boolean, value float8, lower float8, upper float8, interval_level float8,
      confidence float8, confidence_tolerance float8, current_value float8, baseline_value float8, served_by text,
      details jsonb, created_at timestamptz)
    on conflict do nothing`.execute(trx);
}

/** Which forecasts: of one model, per protocol or per market. */
export interface ForecastRange {
  readonly kind: "risk" | "yield";
  readonly source: string;
  readonly model_version: string;
  readonly granularity: "protocol" | "market";
  readonly protocol: string | undefined;
  /** The newest day that may be forecast from, when later ones are of history that was withdrawn, or came in since. */
  readonly until: Date | undefined;
  readonly limit: number;
  readonly sort: ForecastInput["sort"];
  /** The row to continue after. */
  readonly after:
    | { readonly value: number; readonly protocol: string; readonly market_id: string }
    | undefined;
}

/** The newest forecast of each market or protocol: one index look-up for each. */
export async function listForecasts(db: Database, range: ForecastRange): Promise<ForecastRow[]> {
  const { protocol } = range;
  const isMarket = range.granularity === "market";
  const { rows } = await sql<ForecastRow>`
    select newest.*, place.symbol
    from (${isMarket ? marketPlaces : protocolPlaces}) as place
    cross join lateral (
      select forecast.protocol, forecast.market_id, forecast.as_of, forecast.target_at, forecast.stale,
        forecast.value, forecast.lower, forecast.upper, forecast.interval_level, forecast.confidence,
        forecast.confidence_tolerance, forecast.current_value, forecast.baseline_value, forecast.served_by,
        forecast.model_version, coalesce(forecast.details -> 'intervals', '[]') as intervals,
        (forecast.details ->> 'illiquidity_probability')::double precision as illiquidity_probability
      from predictions as forecast
      where forecast.kind = ${range.kind} and forecast.source = ${range.source}
        and forecast.model_version = ${range.model_version} and forecast.protocol = place.protocol
        and ${isMarket ? sql`forecast.market_id = place.market_id` : sql`forecast.market_id is null`}
        and ${range.until === undefined ? sql`true` : sql`forecast.as_of <= ${range.until}`}
      order by forecast.as_of desc limit 1
    ) as newest
    where ${protocol === undefined ? sql`true` : sql`place.protocol = ${protocol}`}
      and ${isAfter(range)}
    order by ${sql.raw(firstColumns[range.sort])} place.protocol, place.market_id
    limit ${range.limit}`.execute(db);
  return rows;
}

const firstColumns = { protocol: "", highest: "newest.value desc,", lowest: "newest.value," } as const;

/** Whether a row comes after the last one; equal values are by protocol and market. */
function isAfter({ after, sort }: ForecastRange): RawBuilder<boolean> {
  if (after === undefined) return sql<boolean>`true`;
  const isFurtherOn = sql<boolean>`(place.protocol, place.market_id) > (${after.protocol}, ${after.market_id})`;
  if (sort === "protocol") return isFurtherOn;
  const value = sql`${after.value}::float8`;
  const beyond = sql.raw(sort === "highest" ? "<" : ">");
  return sql<boolean>`(newest.value ${beyond} ${value} or (newest.value = ${value} and ${isFurtherOn}))`;
}

const marketPlaces = sql`select protocol, id as market_id, symbol from markets`;
const protocolPlaces = sql`select name as protocol, '' as market_id, null as symbol from protocols`;

/** The symbols of each protocol's largest markets by TVL on its newest day, largest first. */
export async function listLargestMarkets(
  db: Database,
  choice: { readonly source: string; readonly protocols: readonly string[]; readonly count: number },
): Promise<{ protocol: string; symbols: string[] }[]> {
  const { rows } = await sql<{ protocol: string; symbols: string[] }>`
    select protocols.name as protocol, array_agg(largest.symbol order by largest.rank) as symbols
    from protocols
    cross join lateral (
      select as_of as day from risk_history
      where source = ${choice.source} and protocol = protocols.name order by as_of desc limit 1
    ) as latest
    cross join lateral (
      select markets.symbol, row_number() over (order by risk.tvl_usd desc nulls last, markets.id) as rank
      from risk_history as risk join markets on markets.id = risk.market_id
      where risk.source = ${choice.source} and risk.protocol = protocols.name and risk.as_of = latest.day
      order by rank limit ${choice.count}
    ) as largest
    where protocols.name in (${sql.join([...choice.protocols, ""])})
    group by protocols.name`.execute(db);
  return rows;
}
