import type { MarketDescription } from "../market-source.ts";

/** What drives one simulated market. Rates are fractions a year, amounts US dollars. */
export type SimulatedMarket = SimulatedLendingMarket | SimulatedDexMarket;

interface SimulatedMarketBase {
  market: MarketDescription;
  /** Level around which the TVL wanders. */
  tvlUsd: number;
  /** Daily standard deviation of the logarithm of the TVL. */
  tvlVolatility: number;
  /** Incentives, percent a year; undefined when the market pays none. */
  rewardApy: number | undefined;
  /** The last day with data, `YYYY-MM-DD`; undefined while the market lives. */
  lastDay: string | undefined;
}

/** Interest follows utilization along a kinked curve, as Aave's and Nostra's do. */
export interface SimulatedLendingMarket extends SimulatedMarketBase {
  model: "lending";
  utilization: number;
  kink: number;
  rateAtKink: number;
  rateAtFull: number;
}

/** Fees: the logarithm of the APY returns to its mean, with jumps. */
interface SimulatedDexMarket extends SimulatedMarketBase {
  model: "dex";
  /** Percent a year. */
  feeApy: number;
  /** Daily standard deviation of the logarithm of the APY. */
  apyVolatility: number;
}

/** zkLend was exploited on this day and never reopened; see the protocol registry. */
const zklendLastDay = "2025-02-12";

/** The simulated markets. Levels are plausible for Starknet, and invented. */
export const simulatedMarkets: readonly SimulatedMarket[] = [
  lending("nostra", "USDC", { tvlUsd: 14_000_000, utilization: 0.68, rewardApy: 2.4 }),
  lending("nostra", "ETH", { tvlUsd: 19_000_000, utilization: 0.42, rateAtKink: 0.032, rewardApy: 1.1 }),
  lending("nostra", "STRK", { tvlUsd: 9_000_000, utilization: 0.35, rateAtKink: 0.055, tvlVolatility: 0.03 }),
  lending("zklend", "USDC", {
    tvlUsd: 8_000_000,
    utilization: 0.72,
    rewardApy: 1.8,
    lastDay: zklendLastDay,
  }),
  lending("zklend", "ETH", {
    tvlUsd: 11_000_000,
    utilization: 0.38,
    rateAtKink: 0.03,
    lastDay: zklendLastDay,
  }),
  lending("zklend", "STRK", {
    tvlUsd: 4_000_000,
    utilization: 0.3,
    rateAtKink: 0.06,
    tvlVolatility: 0.03,
    lastDay: zklendLastDay,
  }),
  dex("ekubo", "ETH-USDC", { tvlUsd: 12_000_000, feeApy: 16, apyVolatility: 0.24, rewardApy: 3.2 }),
  dex("ekubo", "STRK-USDC", { tvlUsd: 5_500_000, feeApy: 24, apyVolatility: 0.3, rewardApy: 6 }),
  dex("ekubo", "STRK-ETH", { tvlUsd: 4_200_000, feeApy: 19, apyVolatility: 0.28 }),
  dex("ekubo", "USDC-USDT", { tvlUsd: 7_000_000, feeApy: 3.5, apyVolatility: 0.18 }),
  lending("vesu", "USDC", { tvlUsd: 10_000_000, utilization: 0.74, rewardApy: 2 }),
  lending("vesu", "ETH", { tvlUsd: 8_500_000, utilization: 0.45, rateAtKink: 0.034 }),
  lending("vesu", "STRK", { tvlUsd: 6_500_000, utilization: 0.4, rateAtKink: 0.05, tvlVolatility: 0.03 }),
];

function lending(
  protocol: string,
  symbol: string,
  given: Partial<SimulatedLendingMarket> & { tvlUsd: number; utilization: number },
): SimulatedLendingMarket {
  return {
    model: "lending",
    market: describe(protocol, symbol, "lending"),
    tvlVolatility: 0.018,
    rewardApy: undefined,
    lastDay: undefined,
    kink: 0.8,
    rateAtKink: 0.065,
    rateAtFull: 0.6,
    ...given,
  };
}

function dex(
  protocol: string,
  symbol: string,
  given: Partial<SimulatedDexMarket> & { tvlUsd: number; feeApy: number; apyVolatility: number },
): SimulatedDexMarket {
  return {
    model: "dex",
    market: describe(protocol, symbol, "dex"),
    tvlVolatility: 0.025,
    rewardApy: undefined,
    lastDay: undefined,
    ...given,
  };
}

function describe(protocol: string, symbol: string, kind: MarketDescription["kind"]): MarketDescription {
  return {
    id: `simulated:${protocol}:${symbol.toLowerCase()}`,
    protocol,
    chain: "Starknet",
    symbol,
    kind,
  };
}
