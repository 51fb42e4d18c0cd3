import { at, signedLog } from "../numbers.ts";
import type { DailyGrid } from "../panel/daily-grid.ts";
import { spreadOnGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import {
  carryForward,
  changeOver,
  trailingDeviation,
  trailingMax,
  trailingMean,
  trailingMin,
} from "../panel/rolling.ts";
import type { RiskMetrics, ScoreRisk } from "./risk-metrics.ts";
import { carryForwardDays, volatilityBp, volatilityWindowDays } from "./risk-metrics.ts";

/**
 * What the risk model reads, in column order, with the direction its forecast must keep: 1 = may not fall
 * when the feature rises, −1 = may not rise, 0 = free. Only directions that the RiskEngine's own arithmetic
 * has are imposed.
 */
export const riskFeatureDirections = {
  current_score: 1,
  projected_known: 1,
  projected_repeat: 1,
  volatility_bp: 1,
  utilization_bp: 1,
  liquidity_tier: 1,
  log_tvl: -1,
  audit_score: -1,
  age_days: -1,
  score_mean_7d: 0,
  score_mean_30d: 0,
  score_change_7d: 0,
  volatility_7d: 0,
  volatility_14d: 0,
  apy_range_30d: 0,
  log_apy: 0,
  apy_above_mean_30d: 0,
  tvl_change_7d: 0,
  tvl_change_30d: 0,
  utilization_change_7d: 0,
  frozen: 0,
} as const satisfies Record<string, -1 | 0 | 1>;

/** @see riskFeatureDirections */
export type RiskFeatureName = keyof typeof riskFeatureDirections;

/** The column order of {@link riskFeatureDirections}. */
export const riskFeatureNames = Object.keys(riskFeatureDirections) as readonly RiskFeatureName[]; // keys of a literal

/** A market's metrics and scores on its daily grid; undefined and NaN where they are unknown. */
export interface ScoredMarket {
  series: MarketSeries;
  grid: DailyGrid;
  metrics: readonly (RiskMetrics | undefined)[];
  scores: Float64Array;
}

/**
 * Two scores the market would have at t + horizon if nothing new happened. Most of the 30-day volatility
 * window at t + horizon is known at t, so large past moves are seen leaving it.
 *
 * `known`: volatility of the part of that window that is already observed. `repeat`: the same, with the last
 * `horizon` days happening once more. Both with the age at t + horizon and today's other metrics.
 */
export function projectedScores(
  market: ScoredMarket,
  offset: number,
  options: { horizonDays: number; scoreRisk: ScoreRisk },
): { known: number; repeat: number } {
  const { series, grid } = market;
  const metrics = market.metrics[offset];
  if (metrics === undefined) return { known: Number.NaN, repeat: Number.NaN };
  const index = at(grid.observationIndex, offset);
  const ahead = Math.min(options.horizonDays, volatilityWindowDays);
  const keptDays = volatilityWindowDays - ahead;
  const recent: number[] = [];
  for (let past = 0; past < ahead; past += 1) {
    recent.push(at(series.apy, at(grid.observationIndex, offset - past)));
  }
  const score = (volatility: number | undefined) =>
    options.scoreRisk({
      ...metrics,
      volatility_bp: volatility ?? metrics.volatility_bp,
      age_days: metrics.age_days + options.horizonDays,
    });
  return {
    known: score(volatilityBp(series, index, keptDays)),
    repeat: score(volatilityBp(series, index, keptDays, recent)),
  };
}

/** The columns of one market that can be computed for all days at once; days ≤ d only. */
export function riskFeatures(
  market: ScoredMarket,
): Record<Exclude<RiskFeatureName, "projected_known" | "projected_repeat">, Float64Array> {
  const { series, grid, metrics, scores } = market;
  const metric = (read: (known: RiskMetrics) => number) =>
    Float64Array.from(metrics, (known) => (known === undefined ? Number.NaN : read(known)));
  const apy = spreadOnGrid(grid, series.apy);
  const logs = apy.map(signedLog);
  const meanLog = trailingMean(logs, 30);
  const lowest = trailingMin(logs, 30);
  const tvl = carryForward(spreadOnGrid(grid, series.tvl_usd), carryForwardDays).map(signedLog);
  const score = carryForward(scores, carryForwardDays);
  const utilization = carryForward(spreadOnGrid(grid, series.utilization), carryForwardDays);
  return {
    current_score: scores,
    volatility_bp: metric((known) => known.volatility_bp),
    utilization_bp: metric((known) => known.utilization_bp),
    liquidity_tier: metric((known) => known.liquidity_tier),
    log_tvl: tvl,
    audit_score: metric((known) => known.audit_score),
    age_days: metric((known) => known.age_days),
    score_mean_7d: trailingMean(scores, 7),
    score_mean_30d: trailingMean(scores, 30),
    score_change_7d: changeOver(score, 7),
    volatility_7d: trailingDeviation(apy, 7).map(signedLog),
    volatility_14d: trailingDeviation(apy, 14).map(signedLog),
    apy_range_30d: trailingMax(logs, 30).map((value, day) => value - at(lowest, day)),
    log_apy: trailingMean(apy, 7).map(signedLog),
    apy_above_mean_30d: logs.map((value, day) => value - at(meanLog, day)),
    tvl_change_7d: changeOver(tvl, 7),
    tvl_change_30d: changeOver(tvl, 30),
    utilization_change_7d: changeOver(utilization, 7),
    frozen: spreadOnGrid(grid, series.frozen),
  };
}
