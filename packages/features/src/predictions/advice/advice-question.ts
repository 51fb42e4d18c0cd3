import type { ChainGas, Preferences, RebalanceSuggestion } from "@obsqra/contract";
import { readTvl } from "@obsqra/market";
import {
  type AdviceBasis,
  type AdviceWishes,
  adviceRevision,
  type IntervalForecast,
  type MarketCandidate,
  type OwnQuestion,
  type ProtocolFigures,
} from "@obsqra/ml";
import { believedUtilization } from "../../market/market-series.ts";
import type { ProtocolRow } from "../../market/protocols.service.ts";
import type { FreshBasis } from "../forecasts/forecasts.service.ts";
import type { MarketForecastRow, MarketRow } from "../forecasts/optimization-basis.queries.ts";
import type { PublishedBasis } from "./publish-basis.ts";
import { toBasisPoints } from "./suggested-shares.ts";

/** What advice of this moment rests on, whoever asks. */
export function toAdviceBasis(protocols: readonly ProtocolRow[], forecasts: FreshBasis): AdviceBasis {
  return {
    markets: forecasts.markets.map((market) => toCandidate(market, protocols)),
    protocols: toProtocolFigures(protocols, forecasts),
  };
}

/** What a holder wishes, in the terms of the optimiser. */
export function toWishes(preferences: Preferences): AdviceWishes {
  const toCap = (percent: number | null) => (percent === null ? undefined : toBasisPoints(percent));
  return {
    assets: preferences.assets.length === 0 ? undefined : preferences.assets,
    stable_only: preferences.stable_only,
    single_asset_only: preferences.single_asset_only,
    protocols: preferences.preferred_protocols,
    max_protocol_bp: toCap(preferences.max_protocol_share),
    max_market_bp: toCap(preferences.max_market_share),
    max_chain_bp: toCap(preferences.max_chain_share),
    must_stay: preferences.must_stay,
  };
}

/** What it takes to give the advice again, beside what the suggestion says anyway. */
export function toMadeFrom(
  {
    held,
    wishes,
    rebalance_threshold_bp,
    quotes,
  }: Omit<OwnQuestion, "gas"> & { readonly quotes: readonly ChainGas[] },
  { sha256, published }: PublishedBasis,
  { importId }: FreshBasis,
): NonNullable<RebalanceSuggestion["made_from"]> {
  const { assets, protocols, must_stay, ...others } = wishes;
  return {
    revision: adviceRevision,
    basis_sha256: sha256,
    basis_published: published,
    import_id: importId,
    held: [...held],
    wishes: {
      ...others,
      ...(assets !== undefined && { assets: [...assets] }),
      ...(protocols !== undefined && { protocols: [...protocols] }),
      ...(must_stay !== undefined && { must_stay: [...must_stay] }),
    },
    gas: [...quotes],
    rebalance_threshold_bp,
  };
}

/** For what is held in a protocol, nobody knows in which of its markets. */
function toProtocolFigures(protocols: readonly ProtocolRow[], forecasts: FreshBasis): ProtocolFigures[] {
  return protocols.map(({ name, status }) => {
    const apy = forecasts.yield.byProtocol.get(name);
    const risk = forecasts.risk.byProtocol.get(name);
    return {
      protocol: name,
      status,
      apy: apy === undefined ? null : toForecast(apy),
      risk_score: risk?.value ?? null,
    };
  });
}

function toCandidate(market: MarketRow, protocols: readonly ProtocolRow[]): MarketCandidate {
  const isStale = market.risk?.stale === true || market.yield?.stale === true;
  return {
    market_id: market.market_id,
    protocol: market.protocol,
    chain: market.chain,
    symbol: market.symbol,
    kind: market.kind,
    status: protocols.find(({ name }) => name === market.protocol)?.status ?? "active",
    frozen: market.frozen,
    apy_base: market.apy_base,
    apy_reward: market.apy_reward,
    tvl_usd: readTvl(market.tvl_usd, market.quality),
    utilization: believedUtilization(market),
    apy: market.yield && toForecast(market.yield),
    risk_score: market.risk?.value ?? null,
    stale: isStale,
  };
}

function toForecast(row: MarketForecastRow): IntervalForecast {
  return { value: row.value, lower: row.lower, upper: row.upper, level: row.interval_level };
}
