import type { ForecastInput } from "@obsqra/contract";
import type { Placeholders } from "@obsqra/db";
import type { ForecastExplanation } from "@obsqra/ml";
import { type RawBuilder, sql } from "kysely";
import type { SourceNow } from "../../market/served-data.fragments.ts";
import { type UnknownInput, unknownInputsColumn } from "../../market/unknown-inputs.fragments.ts";
import type { ModelLineInSql } from "../models/models.queries.ts";

/** A stored forecast with its market's symbol, with times as JSON has them. */
export interface ForecastRow {
  readonly id: string;
  readonly protocol: string;
  readonly market_id: string | null;
  readonly symbol: string | null;
  readonly as_of: string;
  readonly target_at: string;
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
  /** Empty in forecasts of versions before the weights. */
  readonly experts: { name: string; weight: number }[];
  readonly illiquidity_probability: number | null;
  /** Null unless it was asked for, and in forecasts of versions before it. */
  readonly explanation: ForecastExplanation | null;
  readonly unknown_inputs: readonly UnknownInput[];
}

/** Which forecasts: of one model, per protocol or per market. */
export interface ForecastRange extends SourceNow {
  readonly kind: "risk" | "yield";
  /** The model that made them. @default the live one */
  readonly model_version: string | undefined;
  readonly granularity: "protocol" | "market";
  readonly protocol: string | undefined;
  /** The newest day that may be forecast from; undefined for any. */
  readonly until: Date | undefined;
  readonly limit: number;
  readonly sort: ForecastInput["sort"];
  /** Whether what they are made up of is asked for. */
  readonly explain: boolean;
  /** The row to continue after. */
  readonly after:
    | { readonly value: number; readonly protocol: string; readonly market_id: string }
    | undefined;
}

/** What a statement about forecasts is asked with. What its shape leaves out is not looked at. */
type ForecastParameters = Pick<
  ForecastRange,
  "kind" | "source" | "now" | "model_version" | "protocol" | "until" | "limit"
> & {
  readonly last_value: number | undefined;
  readonly last_protocol: string | undefined;
  readonly last_market: string | undefined;
};

export type ForecastPlaceholders = Placeholders<ForecastParameters>;

/** In what the statements about forecasts differ. */
export interface ForecastShape extends Pick<ForecastRange, "granularity" | "sort" | "explain"> {
  readonly isOfProtocol: boolean;
  readonly isUntil: boolean;
  readonly isAfter: boolean;
}

type ModelCte = "served_model" | "live_risk" | "live_yield";

/** A model of the `with` clause as JSON; null when there is none. */
export function modelColumn(cte: ModelCte): RawBuilder<unknown> {
  return sql`(select row_to_json(model) from ${sql.table(cte)} as model)`;
}

/**
 * Whether a forecast, `forecast`, is from history that is served, with `served_import`: not from days that a file has no more, nor from
 * days that only a clock that ran ahead has seen.
 */
export const isOfServedHistory = sql<boolean>`forecast.as_of <= (select newest_day from served_import)`;

/** What forecasts are asked with, some of it the same each time; all of them where there is no limit. */
type ForecastsInSql = Pick<ModelLineInSql, "kind" | "source"> &
  Partial<Omit<ForecastPlaceholders, "kind" | "source">>;

/**
 * The forecasts of a model that is in the `with` clause, as a query. Of a market whose kind is not known any more no risk is shown, nor
 * of a protocol of which none is known: it was forecast for something else.
 */
export function newestForecasts(
  model: ModelCte,
  shape: ForecastShape,
  asked: ForecastsInSql,
): RawBuilder<unknown> {
  const { protocol, until, limit } = asked;
  const isMarket = shape.granularity === "market";
  return sql`
    select newest.*, place.symbol, ${unknownInputsColumn(sql`place.protocol`, sql`not newest.has_tvl`)}
    from (${isMarket ? marketPlaces : protocolPlaces}) as place
    cross join lateral (
      select forecast.id, forecast.protocol, forecast.market_id, forecast.as_of, forecast.target_at, forecast.stale,
        forecast.value, forecast.lower, forecast.upper, forecast.interval_level, forecast.confidence,
        forecast.confidence_tolerance, forecast.current_value, forecast.baseline_value, forecast.served_by,
        forecast.model_version, coalesce(forecast.details -> 'intervals', '[]') as intervals,
        coalesce(forecast.details -> 'experts', '[]') as experts,
        (forecast.details ->> 'illiquidity_probability')::double precision as illiquidity_probability,
        ${shape.explain ? sql`forecast.details -> 'explanation'` : sql`null`} as explanation,
        ${isMarket ? sql`forecast.details ->> 'tvl_usd' is not null` : sql`forecast.details ->> 'weights' is distinct from 'equal'`} as has_tvl
      from predictions as forecast
      where forecast.kind = ${asked.kind} and forecast.source = ${asked.source}
        and forecast.model_version = (select version from ${sql.table(model)}) and forecast.protocol = place.protocol
        and ${isMarket ? sql`forecast.market_id = place.market_id` : sql`forecast.market_id is null`}
        and ${isOfServedHistory}
        and ${shape.isUntil ? sql`forecast.as_of <= ${until}` : sql`true`}
      order by forecast.as_of desc limit 1
    ) as newest
    where (${asked.kind} <> 'risk' or ${isMarket ? sql`place.kind <> 'unknown'` : hasKnownMarket})
      and ${shape.isOfProtocol ? sql`place.protocol = ${protocol}` : sql`true`}
      and ${isAfter(shape, asked)}
    order by ${sql.raw(firstColumns[shape.sort])} place.protocol, place.market_id
    ${limit === undefined ? sql`` : sql`limit ${limit}`}`;
}

const firstColumns = { protocol: "", highest: "newest.value desc,", lowest: "newest.value," } as const;

/** Whether a row comes after the last one; equal values are by protocol and market. */
function isAfter({ isAfter, sort }: ForecastShape, asked: ForecastsInSql): RawBuilder<boolean> {
  if (!isAfter) return sql<boolean>`true`;
  const isFurtherOn = sql<boolean>`(place.protocol, place.market_id) > (${asked.last_protocol}, ${asked.last_market})`;
  if (sort === "protocol") return isFurtherOn;
  const value = sql`${asked.last_value}::float8`;
  const beyond = sql.raw(sort === "highest" ? "<" : ">");
  return sql<boolean>`(newest.value ${beyond} ${value} or (newest.value = ${value} and ${isFurtherOn}))`;
}

const hasKnownMarket = sql`exists (select from markets where protocol = place.protocol and kind <> 'unknown')`;
const marketPlaces = sql`select protocol, id as market_id, symbol, kind from markets`;
const protocolPlaces = sql`select name as protocol, '' as market_id, null as symbol from protocols`;
