import { square } from "../deterministic-math.ts";
import type { MarketKind } from "../panel/market-series.ts";
import type { MarketCandidate } from "./advice-types.ts";

/** How large a market is, as far as that decides what a deposit earns. */
export interface MarketSize {
  readonly kind: MarketKind;
  /** For lending, supplied minus borrowed. Null when it is not known: then nothing dilutes. */
  readonly tvl_usd: number | null;
  /** Borrowed over supplied, 0 to 1; null counts as 0. */
  readonly utilization: number | null;
  /** Which part of the APY incentives are, 0 to 1. */
  readonly reward_share: number;
}

/** How large a market is. */
export function sizeOf({ kind, tvl_usd, utilization, apy_base, apy_reward }: MarketCandidate): MarketSize {
  const [base, reward] = [Math.max(0, apy_base ?? 0), Math.max(0, apy_reward ?? 0)];
  return { kind, tvl_usd, utilization, reward_share: base + reward > 0 ? reward / (base + reward) : 0 };
}

/** A deposit may be this part of what can be taken out of its market, so that it can leave again. */
const exitShareMax = 0.1;

/**
 * Which part of its APY a market still pays once a deposit has come in; above 1 for one that has left.
 *
 * Fees and incentives are shared by liquidity: `T / (T + d)`. A lending market pays its suppliers `rate(u) · u`; with a rate that is
 * proportional to utilization, as below the kink of an interest curve, that is `(S / (S + d))²` for S supplied. Above the kink rates
 * fall faster; a deposit is kept far smaller than that matters by {@link exitShareMax}.
 *
 * @param depositUsd - what comes in; negative for what leaves, of which at most half of the market counts
 */
export function dilutedPart(
  { kind, tvl_usd, utilization, reward_share }: MarketSize,
  depositUsd: number,
): number {
  if (tvl_usd === null || tvl_usd <= 0) return 1;
  const size = kind === "lending" ? tvl_usd / Math.max(0.01, 1 - (utilization ?? 0)) : tvl_usd;
  const shared = size / (size + Math.max(depositUsd, -size / 2));
  const base = kind === "lending" ? square(shared) : shared;
  return (1 - reward_share) * base + reward_share * shared;
}

/** The most that may be held in a market, US dollars; undefined when its size is not known. */
export function exitLiquidityUsd({ tvl_usd }: MarketSize): number | undefined {
  return tvl_usd === null ? undefined : Math.max(0, tvl_usd * exitShareMax);
}
