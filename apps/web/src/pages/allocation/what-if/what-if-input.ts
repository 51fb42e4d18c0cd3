import type { Market, WhatIfInput, WhatIfProtocol } from "@obsqra/client";

/** What the sliders stand at. */
export interface WhatIfSettings {
  readonly maxRisk: number;
  readonly maxShare: number;
  readonly days: number;
  /** APY in percent, of the markets whose slider was moved, by market. */
  readonly apys: Readonly<Record<string, number>>;
}

/** What they begin with. */
export const firstSettings: WhatIfSettings = { maxRisk: 60, maxShare: 50, days: 30, apys: {} };

/** As many as one question takes. */
const marketsMax = 50;

export type KnownMarket = Market & {
  readonly expected_apy: NonNullable<Market["expected_apy"]>;
  readonly risk_parts: NonNullable<Market["risk_parts"]>;
};

/** The largest markets of which enough is known to ask about. */
export function askableMarkets(markets: readonly Market[]): KnownMarket[] {
  return markets
    .filter((market): market is KnownMarket => market.expected_apy !== null && market.risk_parts !== null)
    .filter(({ frozen }) => !frozen)
    .toSorted((left, right) => (right.tvl_usd ?? 0) - (left.tvl_usd ?? 0))
    .slice(0, marketsMax);
}

/** The question that the sliders ask. Where a slider was moved, the band of the forecast moves along. */
export function toWhatIfInput(
  markets: readonly KnownMarket[],
  settings: WhatIfSettings,
  current: Readonly<Record<string, number>> | undefined,
): WhatIfInput {
  return {
    protocols: markets.map((market) => toQuestion(market, settings.apys[market.market_id])),
    limits: { max_portfolio_risk: settings.maxRisk, max_share: settings.maxShare },
    costs: { holding_period_days: settings.days },
    ...(current !== undefined && { current_markets: spread(markets, current) }),
  };
}

/** What is held is known by protocol: it counts as spread over its markets by value locked, and as unallocated where none is asked about. */
function spread(
  markets: readonly KnownMarket[],
  current: Readonly<Record<string, number>>,
): { market_id: string; percent: number }[] {
  return markets.flatMap(({ market_id, protocol, tvl_usd }) => {
    const held = current[protocol] ?? 0;
    if (held === 0) return [];
    const siblings = markets.filter((other) => other.protocol === protocol);
    const total = siblings.reduce((sum, other) => sum + (other.tvl_usd ?? 0), 0);
    const part = total === 0 ? 1 / siblings.length : (tvl_usd ?? 0) / total;
    // Shares have two decimals; what is lost by rounding counts as unallocated.
    return [{ market_id, percent: Math.floor(100 * held * part) / 100 }];
  });
}

function toQuestion(market: KnownMarket, chosen: number | undefined): WhatIfProtocol {
  const { value, lower, upper, interval_level } = market.expected_apy;
  const { utilization, volatility, liquidity_tier, audit_score, age_days } = market.risk_parts;
  // The band goes along with the forecast that it is of.
  const shift = chosen === undefined ? 0 : chosen - value;
  return {
    protocol: market.protocol,
    market_id: market.market_id,
    symbol: market.symbol,
    chain: market.chain,
    ...(market.tvl_usd !== null && { tvl_usd: market.tvl_usd }),
    apy: value + shift,
    apy_interval: { lower: lower + shift, upper: upper + shift, level: interval_level },
    metrics: {
      utilization: market.kind === "dex" ? null : utilization,
      volatility,
      liquidity_tier,
      audit_score,
      age_days,
    },
    status: market.status,
  };
}
