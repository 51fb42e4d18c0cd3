import { at, clamp } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { sampleDeviation } from "../panel/rolling.ts";

/** The five inputs of the RiskEngine contract, all integers. */
export interface RiskMetrics {
  /** Borrowed / supplied in basis points; 0 for an AMM, where it is not defined. */
  utilization_bp: number;
  /** Sample standard deviation of daily APY over 30 days; 1 percentage point = 100; at most 10,000. */
  volatility_bp: number;
  liquidity_tier: LiquidityTier;
  audit_score: number;
  age_days: number;
}

/** By TVL in USD: 0 from 50 M, 1 from 10 M, 2 from 1 M, else (or when unknown) 3. */
export type LiquidityTier = 0 | 1 | 2 | 3;

/**
 * The RiskEngine's arithmetic, 0 (safest) to 100. It lives in `@obsqra/starknet` and comes in as an argument.
 * It must be pure: the same metrics always give the same score.
 */
export type ScoreRisk = (metrics: RiskMetrics) => number;

/** Volatility is measured over this many trailing days, today included. */
export const volatilityWindowDays = 30;
/** Fewer observed APYs than this in the window, and volatility (so risk) is unknown. */
const volatilityObservationsMin = 7;
/** An unobserved TVL or utilization is taken from at most this many days before. */
export const carryForwardDays = 7;

/** Metrics and score of one observed day. */
export interface RiskHistoryEntry {
  day: number;
  metrics: RiskMetrics;
  score: number;
  /** The last believed TVL in USD, at most {@link carryForwardDays} days old; NaN when unknown. */
  tvl_usd: number;
}

/**
 * The metrics of a market on the day of observation `index`, from observations up to that day only.
 *
 * volatility = sqrt(Σ(apy − mean)² / (n − 1)) over the observed days among the trailing 30, times 100.
 * TVL and utilization unknown on the day are carried forward up to {@link carryForwardDays} days.
 *
 * @returns undefined with fewer than 7 observed APYs in the window, or when a lending market's utilization or the kind of
 * the market is unknown: an unknown is never scored as safe.
 */
export function riskMetricsAt(series: MarketSeries, index: number): RiskMetrics | undefined {
  const day = series.days[index];
  if (day === undefined || series.kind === "unknown") return undefined;
  const volatility = volatilityBp(series, index, volatilityWindowDays);
  if (volatility === undefined) return undefined;
  const utilization = series.kind === "dex" ? 0 : latestKnown(series, series.utilization, index);
  if (Number.isNaN(utilization)) return undefined;
  return {
    utilization_bp: clamp(Math.round(utilization * 10_000), 0, 10_000),
    volatility_bp: volatility,
    liquidity_tier: liquidityTier(latestKnown(series, series.tvl_usd, index)),
    audit_score: Math.round(series.audit_score),
    age_days: Math.max(0, day - series.launched_day),
  };
}

/**
 * Metrics and scores of every observed day with enough history, oldest first. Equal, day by day, to
 * {@link riskMetricsAt}; at most 60 additions per day.
 *
 * @param fromDay earlier days are left out
 */
export function riskHistory(
  series: MarketSeries,
  scoreRisk: ScoreRisk,
  fromDay = Number.NEGATIVE_INFINITY,
): RiskHistoryEntry[] {
  const history: RiskHistoryEntry[] = [];
  for (let index = 0; index < series.days.length; index += 1) {
    if (at(series.days, index) < fromDay) continue;
    const metrics = riskMetricsAt(series, index);
    if (metrics === undefined) continue;
    const tvlUsd = latestKnown(series, series.tvl_usd, index);
    history.push({ day: at(series.days, index), metrics, score: scoreRisk(metrics), tvl_usd: tvlUsd });
  }
  return history;
}

/** The RiskEngine's liquidity tier of a TVL in USD; unknown (NaN) is the worst tier. */
export function liquidityTier(tvlUsd: number): LiquidityTier {
  if (tvlUsd >= 50_000_000) return 0;
  if (tvlUsd >= 10_000_000) return 1;
  return tvlUsd >= 1_000_000 ? 2 : 3;
}

/**
 * Volatility in basis points over the trailing `windowDays`, optionally continued by `future` daily APYs.
 *
 * @returns undefined with fewer than 7 values
 */
export function volatilityBp(
  series: MarketSeries,
  index: number,
  windowDays: number,
  future: readonly number[] = [],
): number | undefined {
  const buffer = new Float64Array(windowDays + future.length);
  const oldestDay = at(series.days, index) - windowDays + 1;
  let count = 0;
  for (let past = index; past >= 0 && at(series.days, past) >= oldestDay; past -= 1) {
    const apy = at(series.apy, past);
    if (!Number.isFinite(apy)) continue;
    buffer[count] = apy;
    count += 1;
  }
  for (const apy of future) {
    if (!Number.isFinite(apy)) continue;
    buffer[count] = apy;
    count += 1;
  }
  if (count < volatilityObservationsMin) return undefined;
  return clamp(Math.round(sampleDeviation(buffer, count) * 100), 0, 10_000);
}

function latestKnown(series: MarketSeries, values: Float64Array, index: number): number {
  const oldestDay = at(series.days, index) - carryForwardDays;
  for (let past = index; past >= 0 && at(series.days, past) >= oldestDay; past -= 1) {
    const value = at(values, past);
    if (Number.isFinite(value)) return value;
  }
  return Number.NaN;
}
