import type { ForecastInput } from "@obsqra/contract";
import {
  type Database,
  type DatabaseTransaction,
  defineStatements,
  type NewRow,
  type Placeholders,
  type SqlValue,
  type Tables,
} from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import {
  type LatestAllocation,
  latestAllocationColumn,
} from "../../analytics/latest-allocation.fragments.ts";
import {
  knownProtocolsColumn,
  type ProtocolRow,
  protocolsColumn,
  rowsColumn,
  type ServedImport,
  type ServedList,
  servedImport,
  servedImportColumn,
  theRow,
} from "../../market/served-data.fragments.ts";
import {
  decidedModel,
  liveModel,
  type ModelLineInSql,
  type StoredModelRow,
} from "../models/models.queries.ts";

export type NewPredictionRow = Omit<NewRow<Tables["predictions"]>, "import_id">;

/** A stored forecast with its market's symbol, with times as JSON has them. */
export interface ForecastRow {
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
  readonly illiquidity_probability: number | null;
}

/**
 * Adds forecasts; one that was made before, by the same model for the same day, stays as it was. The first of several
 * models' forecasts of a day and target goes on record, unless it is stale.
 */
export async function insertPredictions(
  trx: DatabaseTransaction,
  importId: string,
  rows: readonly NewPredictionRow[],
): Promise<void> {
  await sql`
    insert into predictions (id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value,
      lower, upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by,
      details, created_at, import_id, on_record)
    select id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value,
      lower, upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by,
      details, created_at, cast(${importId} as uuid), not stale and not exists (
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
  /** The model that made them. @default the live one */
  readonly model_version: string | undefined;
  readonly granularity: "protocol" | "market";
  readonly protocol: string | undefined;
  /** The newest day that may be forecast from; undefined for any. */
  readonly until: Date | undefined;
  /** Whether history that was withdrawn takes its forecasts along: those from days after the newest one of the import. */
  readonly endsWithHistory: boolean;
  readonly limit: number;
  readonly sort: ForecastInput["sort"];
  /** The row to continue after. */
  readonly after:
    | { readonly value: number; readonly protocol: string; readonly market_id: string }
    | undefined;
}

/** Forecasts, and what they rest on. */
export interface ServedForecasts extends ServedList<ForecastRow> {
  /** Null when there is no such model. */
  readonly model: StoredModelRow | null;
}

/** The newest forecast of each market or protocol: one index look-up for each. */
export async function listForecasts(db: Database, range: ForecastRange): Promise<ServedForecasts> {
  const { after, ...choice } = range;
  const statement = forecastsOf({ ...shapeOf(range), isOfModel: choice.model_version !== undefined });
  const last = { last_value: after?.value, last_protocol: after?.protocol, last_market: after?.market_id };
  return theRow(await statement.first(db, { ...choice, ...last }));
}

/** What a statement about forecasts is asked with. What its shape leaves out is not looked at. */
type ForecastParameters = Pick<
  ForecastRange,
  "kind" | "source" | "model_version" | "protocol" | "until" | "limit"
> & {
  readonly last_value: number | undefined;
  readonly last_protocol: string | undefined;
  readonly last_market: string | undefined;
};

type ForecastPlaceholders = Placeholders<ForecastParameters>;

/** In what the statements about forecasts differ. */
interface ForecastShape extends Pick<ForecastRange, "granularity" | "sort" | "endsWithHistory"> {
  readonly isOfProtocol: boolean;
  readonly isUntil: boolean;
  readonly isAfter: boolean;
}

function shapeOf({
  granularity,
  sort,
  endsWithHistory,
  protocol,
  until,
  after,
}: ForecastRange): ForecastShape {
  return {
    granularity,
    sort,
    endsWithHistory,
    isOfProtocol: protocol !== undefined,
    isUntil: until !== undefined,
    isAfter: after !== undefined,
  };
}

const forecastsOf = defineStatements(
  (shape: ForecastShape & { readonly isOfModel: boolean }) => (_db, asked: ForecastPlaceholders) =>
    sql<ServedForecasts>`
    with ${servedImport(asked.source)},
      served_model as materialized (
        ${shape.isOfModel ? decidedModel(asked, asked.model_version) : liveModel(asked)}
      )
    select ${servedImportColumn}, ${knownProtocolsColumn(shape.isOfProtocol ? asked.protocol : undefined)},
      ${modelColumn("served_model")} as model, ${rowsColumn(newestForecasts("served_model", shape, asked))}`,
);

/** Protocols, forecasts and holdings as they were at one moment: all that an optimisation rests on. */
export interface OptimizationBasis {
  readonly served_import: ServedImport | null;
  readonly protocols: readonly ProtocolRow[];
  readonly risk_model: StoredModelRow | null;
  readonly risk: readonly ForecastRow[];
  readonly yield_model: StoredModelRow | null;
  readonly yield: readonly ForecastRow[];
  /** The symbols of each protocol's largest markets by TVL on its newest day, largest first. */
  readonly largest_markets: Readonly<Record<string, readonly string[]>>;
  /** What the owner holds as far as logged. */
  readonly latest_allocation: LatestAllocation | null;
}

/** What an optimisation is asked with. */
interface BasisChoice {
  readonly source: string;
  readonly owner_id: string;
  /** So many markets are named of each protocol. */
  readonly marketsPerProtocol: number;
}

/** Reads everything that an optimisation rests on in one statement, so that a promotion in between cannot mix versions. */
export async function findOptimizationBasis(
  db: Database,
  { endsWithHistory, ...choice }: BasisChoice & Pick<ForecastRange, "endsWithHistory">,
): Promise<OptimizationBasis> {
  return theRow(await optimizationBasis({ endsWithHistory }).first(db, choice));
}

const optimizationBasis = defineStatements(
  ({ endsWithHistory }: Pick<ForecastRange, "endsWithHistory">) =>
    (_db, { source, owner_id, marketsPerProtocol }: Placeholders<BasisChoice>) => {
      const shape = { ...allProtocols, endsWithHistory };
      const forecasts = (kind: "risk" | "yield") => sql`(
    select coalesce(json_agg(item), '[]')
    from (${newestForecasts(`live_${kind}`, shape, { kind, source })}) as item
  )`;
      return sql<OptimizationBasis>`
    with ${servedImport(source)},
      live_risk as materialized (${liveModel({ kind: "risk", source })}),
      live_yield as materialized (${liveModel({ kind: "yield", source })})
    select ${servedImportColumn}, ${protocolsColumn},
      ${modelColumn("live_risk")} as risk_model, ${forecasts("risk")} as risk,
      ${modelColumn("live_yield")} as yield_model, ${forecasts("yield")} as yield,
      (
        select coalesce(json_object_agg(protocol, symbols), '{}')
        from (${largestMarkets({ source, count: marketsPerProtocol })}) as largest
      ) as largest_markets,
      ${latestAllocationColumn(owner_id)}`;
    },
);

/** As many as there are. */
const allProtocols = {
  granularity: "protocol",
  sort: "protocol",
  isOfProtocol: false,
  isUntil: false,
  isAfter: false,
} as const satisfies Partial<ForecastShape>;

type ModelCte = "served_model" | "live_risk" | "live_yield";

function modelColumn(cte: ModelCte): RawBuilder<unknown> {
  return sql`(select row_to_json(model) from ${sql.table(cte)} as model)`;
}

/** What forecasts are asked with, some of it the same each time; all of them where there is no limit. */
type ForecastsInSql = Pick<ModelLineInSql, "kind" | "source"> &
  Partial<Omit<ForecastPlaceholders, "kind" | "source">>;

/** The forecasts of a model that is in the `with` clause, as a query. */
function newestForecasts(model: ModelCte, shape: ForecastShape, asked: ForecastsInSql): RawBuilder<unknown> {
  const { protocol, until, limit } = asked;
  const isMarket = shape.granularity === "market";
  return sql`
    select newest.*, place.symbol
    from (${isMarket ? marketPlaces : protocolPlaces}) as place
    cross join lateral (
      select forecast.protocol, forecast.market_id, forecast.as_of, forecast.target_at, forecast.stale,
        forecast.value, forecast.lower, forecast.upper, forecast.interval_level, forecast.confidence,
        forecast.confidence_tolerance, forecast.current_value, forecast.baseline_value, forecast.served_by,
        forecast.model_version, coalesce(forecast.details -> 'intervals', '[]') as intervals,
        (forecast.details ->> 'illiquidity_probability')::double precision as illiquidity_probability
      from predictions as forecast
      where forecast.kind = ${asked.kind} and forecast.source = ${asked.source}
        and forecast.model_version = (select version from ${sql.table(model)}) and forecast.protocol = place.protocol
        and ${isMarket ? sql`forecast.market_id = place.market_id` : sql`forecast.market_id is null`}
        and ${shape.endsWithHistory ? sql`forecast.as_of <= (select newest_day from served_import)` : sql`true`}
        and ${shape.isUntil ? sql`forecast.as_of <= ${until}` : sql`true`}
      order by forecast.as_of desc limit 1
    ) as newest
    where ${shape.isOfProtocol ? sql`place.protocol = ${protocol}` : sql`true`}
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

const marketPlaces = sql`select protocol, id as market_id, symbol from markets`;
const protocolPlaces = sql`select name as protocol, '' as market_id, null as symbol from protocols`;

/** The symbols of each protocol's largest markets by TVL on its newest day, largest first, as a query. */
function largestMarkets(choice: {
  readonly source: SqlValue<string>;
  readonly count: SqlValue<number>;
}): RawBuilder<unknown> {
  return sql`
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
    group by protocols.name`;
}
