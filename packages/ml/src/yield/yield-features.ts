import { log1p } from "../deterministic-math.ts";
import { at, clamp, signedLog } from "../numbers.ts";
import type { DailyGrid } from "../panel/daily-grid.ts";
import { spreadOnGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import {
  carryForward,
  changeOver,
  exponentialMean,
  trailingCount,
  trailingDeviation,
  trailingMax,
  trailingMean,
  trailingMedian,
  trailingMin,
} from "../panel/rolling.ts";
import { carryForwardDays } from "../risk/risk-metrics.ts";

/** What the yield model reads of the market itself, in column order. */
export const yieldFeatureNames = [
  "level",
  "last",
  "lag_1",
  "lag_2",
  "lag_3",
  "lag_7",
  "ewma",
  "mean_3d",
  "mean_30d",
  "mean_90d",
  "median_7d",
  "median_30d",
  "min_7d",
  "max_7d",
  "level_change_7d",
  "deviation_7d",
  "deviation_30d",
  "daily_change_14d",
  "log_tvl",
  "tvl_change_7d",
  "tvl_change_30d",
  "reward_share_7d",
  "utilization",
  "utilization_change_7d",
  "observations_30d",
  "log_age",
  "lending",
  "frozen",
  "weekday",
] as const;

/** @see yieldFeatureNames */
export type YieldFeatureName = (typeof yieldFeatureNames)[number];

/**
 * The features of one market at every day of its grid. With L the signed log of the (winsorised) APY and
 * `level` the signed log of its 7-day mean, lags, means, medians and extremes are given as differences from
 * `level`, so that one tree serves markets at 2 % and at 200 %. A value at day d reads days ≤ d only.
 */
export function yieldFeatures(
  series: MarketSeries,
  grid: DailyGrid,
  apy: Float64Array,
): Record<YieldFeatureName, Float64Array> {
  const logs = apy.map(signedLog);
  const level = trailingMean(apy, 7).map(signedLog);
  const aboveLevel = (values: Float64Array) => values.map((value, day) => value - at(level, day));
  const lag = (days: number) => logs.map((_value, day) => at(logs, day - days) - at(level, day));
  const constant = (value: number) => new Float64Array(grid.dayCount).fill(value);
  const tvl = carryForward(spreadOnGrid(grid, series.tvl_usd), carryForwardDays).map(signedLog);
  const utilization = carryForward(spreadOnGrid(grid, series.utilization), carryForwardDays);
  const rewardShare = spreadOnGrid(grid, series.apy_reward).map((reward, day) =>
    clamp(reward / Math.max(at(apy, day), 0.01), 0, 1),
  );
  return {
    level,
    last: aboveLevel(logs),
    lag_1: lag(1),
    lag_2: lag(2),
    lag_3: lag(3),
    lag_7: lag(7),
    ewma: aboveLevel(exponentialMean(apy, 5).map(signedLog)),
    mean_3d: aboveLevel(trailingMean(apy, 3).map(signedLog)),
    mean_30d: aboveLevel(trailingMean(apy, 30).map(signedLog)),
    mean_90d: aboveLevel(trailingMean(apy, 90).map(signedLog)),
    median_7d: aboveLevel(trailingMedian(logs, 7)),
    median_30d: aboveLevel(trailingMedian(logs, 30)),
    min_7d: aboveLevel(trailingMin(logs, 7)),
    max_7d: aboveLevel(trailingMax(logs, 7)),
    level_change_7d: changeOver(level, 7),
    deviation_7d: trailingDeviation(logs, 7),
    deviation_30d: trailingDeviation(logs, 30),
    daily_change_14d: trailingMean(changeOver(logs, 1).map(Math.abs), 14),
    log_tvl: tvl,
    tvl_change_7d: changeOver(tvl, 7),
    tvl_change_30d: changeOver(tvl, 30),
    reward_share_7d: trailingMean(rewardShare, 7),
    utilization,
    utilization_change_7d: changeOver(utilization, 7),
    observations_30d: trailingCount(apy, 30),
    log_age: apy.map((_value, day) => log1p(Math.max(0, grid.firstDay + day - series.launched_day))),
    lending: constant(series.kind === "unknown" ? Number.NaN : series.kind === "lending" ? 1 : 0),
    frozen: spreadOnGrid(grid, series.frozen),
    // Trading ebbs at weekends and incentives change by the week. Day 0 of the epoch was a Thursday; 0 is a Monday here.
    weekday: apy.map((_value, day) => (grid.firstDay + day + 3) % 7),
  };
}
