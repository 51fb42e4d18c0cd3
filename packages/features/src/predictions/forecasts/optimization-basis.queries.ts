import { type Database, defineStatement, type Placeholders, type SqlValue } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import { type LatestAllocation, latestAllocation } from "../../analytics/latest-allocation.fragments.ts";
import {
  type ProtocolRow,
  protocolsColumn,
  type ServedImport,
  type SourceNow,
  servedImport,
  servedImportColumn,
  theRow,
} from "../../market/served-data.fragments.ts";
import { liveModel, type StoredModelRow } from "../models/models.queries.ts";
import { isUsable } from "../track-record/illiquid.fragments.ts";
import {
  type ForecastRow,
  type ForecastShape,
  isOfServedHistory,
  modelColumn,
  newestForecasts,
} from "./forecasts.fragments.ts";

/** Protocols, forecasts and holdings as they were at one moment: all that an optimisation rests on. */
export interface OptimizationBasis {
  readonly served_import: ServedImport | null;
  readonly protocols: readonly ProtocolRow[];
  readonly risk_model: StoredModelRow | null;
  readonly risk: readonly ForecastRow[];
  readonly yield_model: StoredModelRow | null;
  readonly yield: readonly ForecastRow[];
  /** The largest markets of the source by TVL; those of which it is not known come last. */
  readonly markets: readonly MarketRow[];
  /** What the owner holds as far as logged. */
  readonly latest_allocation: LatestAllocation | null;
  /** The shares of the suggestion that what is held follows from, if it does. */
  readonly followed_shares: unknown;
}

/** A forecast of a market, as far as advice needs it. */
export interface MarketForecastRow
  extends Pick<ForecastRow, "stale" | "target_at" | "value" | "lower" | "upper" | "interval_level"> {}

/** A market with its newest forecasts and what was observed of it last. */
export interface MarketRow {
  readonly market_id: string;
  readonly protocol: string;
  readonly chain: string;
  readonly symbol: string;
  readonly kind: "lending" | "dex" | "unknown";
  readonly risk: MarketForecastRow | null;
  readonly yield: MarketForecastRow | null;
  readonly apy_base: number | null;
  readonly apy_reward: number | null;
  readonly tvl_usd: number | null;
  readonly utilization: number | null;
  readonly frozen: boolean;
  readonly quality: readonly string[];
}

/** What an optimisation is asked with. */
interface BasisChoice extends SourceNow {
  readonly owner_id: string;
  /** So many markets are looked at. */
  readonly marketsMax: number;
}

/** Reads everything that an optimisation rests on in one statement, so that a promotion in between cannot mix versions. */
export async function findOptimizationBasis(db: Database, choice: BasisChoice): Promise<OptimizationBasis> {
  return theRow(await optimizationBasis.first(db, choice));
}

const optimizationBasis = defineStatement(
  (_db, { source, now, owner_id, marketsMax }: Placeholders<BasisChoice>) => {
    const forecasts = (kind: "risk" | "yield") => sql`(
    select coalesce(json_agg(item), '[]')
    from (${newestForecasts(`live_${kind}`, allProtocols, { kind, source })}) as item
  )`;
    return sql<OptimizationBasis>`
    with ${servedImport({ source, now })},
      live_risk as materialized (${liveModel({ kind: "risk", source, now })}),
      live_yield as materialized (${liveModel({ kind: "yield", source, now })}),
      held as materialized (${latestAllocation(owner_id)})
    select ${servedImportColumn}, ${protocolsColumn},
      ${modelColumn("live_risk")} as risk_model, ${forecasts("risk")} as risk,
      ${modelColumn("live_yield")} as yield_model, ${forecasts("yield")} as yield,
      ${candidateMarkets({ source, count: marketsMax })},
      (
        select answer -> 'shares' from rebalance_suggestions where owner_id = ${owner_id}
          and id = (select suggestion_id from held)
      ) as followed_shares,
      (select row_to_json(held) from held) as latest_allocation`;
  },
);

/** As many as there are. */
const allProtocols = {
  granularity: "protocol",
  sort: "protocol",
  explain: false,
  isOfProtocol: false,
  isUntil: false,
  isAfter: false,
} as const satisfies ForecastShape;

/**
 * The markets that the source has observed by its newest day, as a column `markets`: each with its newest forecasts by the live models,
 * and with what was observed last, as the published market data have it. Forecasts of risk of a market whose kind is not known any more do not count.
 */
function candidateMarkets(choice: {
  readonly source: SqlValue<string>;
  readonly count: SqlValue<number>;
}): RawBuilder<unknown> {
  const { source } = choice;
  const forecast = (kind: "risk" | "yield") => sql`
      left join lateral (
        select forecast.stale, forecast.target_at, forecast.value, forecast.lower, forecast.upper, forecast.interval_level
        from predictions as forecast
        where forecast.kind = ${kind} and forecast.source = ${source}
          and forecast.model_version = (select version from ${sql.table(`live_${kind}`)})
          and forecast.protocol = markets.protocol and forecast.market_id = markets.id
          and ${isOfServedHistory}
        order by forecast.as_of desc limit 1
      ) as ${sql.table(`${kind}_forecast`)} on ${kind === "risk" ? sql`markets.kind <> 'unknown'` : sql`true`}`;
  return sql`(
    select coalesce(json_agg(candidate), '[]') from (
      select markets.id as market_id, markets.protocol, markets.chain, markets.symbol, markets.kind,
        ${forecastColumn("risk")}, ${forecastColumn("yield")},
        newest.apy_base, newest.apy_reward, newest.tvl_usd, newest.utilization, newest.quality,
        coalesce(newest.frozen, false) or coalesce(newest.paused, false) as frozen
      from markets
      cross join lateral (
        select apy_base, apy_reward, tvl_usd, utilization, frozen, paused, quality from market_history
        where source = ${source} and market_id = markets.id
          and observed_at < (select newest_day from served_import) + interval '24 hours' and ${isUsable}
        order by observed_at desc limit 1
      ) as newest
      ${forecast("risk")} ${forecast("yield")}
      order by newest.tvl_usd desc nulls last, markets.id limit ${choice.count}
    ) as candidate
  ) as markets`;
}

/** A forecast as JSON; null where there is none. */
function forecastColumn(kind: "risk" | "yield"): RawBuilder<unknown> {
  const forecast = sql.table(`${kind}_forecast`);
  return sql`case when ${forecast}.value is not null then row_to_json(${forecast}) end as ${sql.ref(kind)}`;
}
