import { type Database, defineStatements, type Placeholders } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import {
  knownProtocolsColumn,
  rowsColumn,
  type ServedList,
  type SourceNow,
  servedImport,
  servedImportColumn,
  theRow,
} from "../../market/served-data.fragments.ts";
import { type UnknownInput, unknownInputsColumn } from "../../market/unknown-inputs.fragments.ts";
import { isOfServedHistory } from "../forecasts/forecasts.fragments.ts";
import { liveModel } from "../models/models.queries.ts";

/** The newest forecast of a market by a live model, with its time as JSON has it. */
export interface ExpectedFigureRow {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly interval_level: number;
  readonly target_at: string;
  readonly stale: boolean;
  readonly illiquidity_probability: number | null;
}

/** A market with its newest figures and forecasts, with times as JSON has them. */
export interface MarketStandingRow {
  readonly market_id: string;
  readonly protocol: string;
  readonly protocol_name: string;
  readonly status: "active" | "paused" | "deprecated" | "exploited";
  readonly symbol: string;
  readonly chain: string;
  readonly kind: "lending" | "dex" | "unknown";
  readonly frozen: boolean;
  readonly as_of: string;
  readonly apy: number | null;
  readonly apy_base: number | null;
  readonly apy_reward: number | null;
  readonly tvl_usd: number | null;
  readonly utilization: number | null;
  readonly risk_score: number | null;
  readonly risk_parts: {
    readonly utilization: number;
    readonly volatility: number;
    readonly liquidity_tier: number;
    readonly audit_score: number;
    readonly age_days: number;
  } | null;
  readonly unknown_inputs: readonly UnknownInput[];
  readonly recent_apy: readonly number[];
  readonly yield: ExpectedFigureRow | null;
  readonly risk: ExpectedFigureRow | null;
}

/** Which markets. */
interface MarketsRange extends SourceNow {
  readonly protocol: string | undefined;
  readonly market_id: string | undefined;
  readonly limit: number;
  /** The row to continue after. */
  readonly after: { readonly protocol: string; readonly market_id: string } | undefined;
}

/** The markets that the source has observed, by protocol, then id; none before the first import. */
export async function listMarketStandings(
  db: Database,
  { after, ...choice }: MarketsRange,
): Promise<ServedList<MarketStandingRow>> {
  const statement = marketStandings({
    isOfProtocol: choice.protocol !== undefined,
    isOfMarket: choice.market_id !== undefined,
    isAfter: after !== undefined,
  });
  return theRow(
    await statement.first(db, { ...choice, last_protocol: after?.protocol, last_market: after?.market_id }),
  );
}

type MarketsParameters = Pick<MarketsRange, "source" | "now" | "protocol" | "market_id" | "limit"> & {
  readonly last_protocol: string | undefined;
  readonly last_market: string | undefined;
};

interface MarketsShape {
  readonly isOfProtocol: boolean;
  readonly isOfMarket: boolean;
  readonly isAfter: boolean;
}

const marketStandings = defineStatements(
  (shape: MarketsShape) => (_db, asked: Placeholders<MarketsParameters>) =>
    sql<ServedList<MarketStandingRow>>`
    with ${servedImport(asked)},
      live_risk as materialized (${liveModel({ kind: "risk", source: asked.source, now: asked.now })}),
      live_yield as materialized (${liveModel({ kind: "yield", source: asked.source, now: asked.now })})
    select ${servedImportColumn}, ${knownProtocolsColumn(shape.isOfProtocol ? asked.protocol : undefined)},
      ${rowsColumn(standings(shape, asked))}`,
);

function standings(shape: MarketsShape, asked: Placeholders<MarketsParameters>): RawBuilder<unknown> {
  const { source } = asked;
  return sql`
    select place.id as market_id, place.protocol, protocols.display_name as protocol_name, protocols.status,
      place.symbol, place.chain, place.kind,
      coalesce(seen.frozen, false) or coalesce(seen.paused, false) as frozen,
      coalesce(scored.as_of, date_trunc('day', seen.observed_at, 'UTC')) as as_of,
      coalesce(scored.apy, seen.apy) as apy, seen.apy_base, seen.apy_reward,
      coalesce(scored.tvl_usd, seen.tvl_usd) as tvl_usd,
      case when place.kind <> 'dex' then coalesce(scored.utilization, seen.utilization) end as utilization,
      scored.risk_score, scored.risk_parts,
      ${unknownInputsColumn(sql`place.protocol`, sql`coalesce(scored.tvl_usd, seen.tvl_usd) is null`)},
      ${recentApy(asked)} as recent_apy, ${forecast("yield", asked)}, ${forecast("risk", asked)}
    from markets as place
    join protocols on protocols.name = place.protocol
    cross join lateral (
      select * from market_history where source = ${source} and market_id = place.id
        and observed_at < (select newest_day from served_import) + interval '24 hours'
      order by observed_at desc limit 1
    ) as seen
    left join lateral (
      select as_of, apy, tvl_usd, utilization, risk_score, json_build_object(
          'utilization', utilization_bp / 10000.0, 'volatility', volatility_bp / 100.0,
          'liquidity_tier', liquidity_tier, 'audit_score', audit_score, 'age_days', age_days
        ) as risk_parts
      from risk_history where source = ${source} and market_id = place.id
        and as_of between (select newest_day from served_import) - interval '168 hours'
          and (select newest_day from served_import)
      order by as_of desc limit 1
    ) as scored on true
    where ${shape.isOfProtocol ? sql`place.protocol = ${asked.protocol}` : sql`true`}
      and ${shape.isOfMarket ? sql`place.id = ${asked.market_id}` : sql`true`}
      and ${shape.isAfter ? sql`(place.protocol, place.id) > (${asked.last_protocol}, ${asked.last_market})` : sql`true`}
    order by place.protocol, place.id limit ${asked.limit}`;
}

/** The APY of the last 30 days that have one, as a JSON array, the oldest first. */
function recentApy({ source }: Pick<Placeholders<MarketsParameters>, "source">): RawBuilder<unknown> {
  return sql`(
    select coalesce(json_agg(round(apy::numeric, 3)::float8 order by as_of), '[]') from risk_history
    where source = ${source} and market_id = place.id and apy is not null
      and as_of > (select newest_day from served_import) - interval '720 hours'
      and as_of <= (select newest_day from served_import)
  )`;
}

/** The newest forecast as JSON; null where there is none, and of risk where the kind of the market is not known any more. */
function forecast(
  kind: "risk" | "yield",
  { source }: Pick<Placeholders<MarketsParameters>, "source">,
): RawBuilder<unknown> {
  return sql`(
    select row_to_json(newest) from (
      select forecast.value, forecast.lower, forecast.upper, forecast.interval_level, forecast.target_at, forecast.stale,
        (forecast.details ->> 'illiquidity_probability')::float8 as illiquidity_probability
      from predictions as forecast
      where forecast.kind = ${kind} and forecast.source = ${source}
        and forecast.model_version = (select version from ${sql.table(`live_${kind}`)})
        and forecast.protocol = place.protocol and forecast.market_id = place.id
        and ${isOfServedHistory}
        and ${kind === "risk" ? sql`place.kind <> 'unknown'` : sql`true`}
      order by forecast.as_of desc limit 1
    ) as newest
  ) as ${sql.ref(kind)}`;
}
