import type { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import type { ForecastHistory } from "../calibration/forecast-history.ts";
import type { ReliabilityBin } from "../calibration/reliability.ts";
import { reliabilityTable } from "../calibration/reliability.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import { at, mean, median } from "../numbers.ts";
import type { SampleTable } from "../panel/sample-table.ts";

/** Point accuracy of one candidate over the walk-forward forecasts, in natural units. */
export interface CandidateMetrics {
  /** Mean absolute error over all forecasts. */
  mae_mean: number;
  /** Median over markets of the market's mean absolute error. */
  mae_median_market: number;
}

/** How intervals and confidence did, each made from what was known on its day. */
export interface IntervalMetrics {
  level: number;
  /** Forecasts checked: those with a finite interval. */
  n: number;
  /** Share of them whose actual value was inside the interval; null when none could be checked. */
  coverage: number | null;
  width_mean: number | null;
  width_median: number | null;
  confidence_reliability: ReliabilityBin[];
}

/** Errors of every baseline on rows of known outcome. */
export function baselineMetrics(
  table: SampleTable,
  rows: Int32Array,
): Record<BaselineName, CandidateMetrics> {
  const measure = (name: BaselineName) =>
    candidateMetrics(
      table,
      rows,
      Float64Array.from(rows, (row) => at(table.baselines[name], row)),
    );
  return {
    last_value: measure("last_value"),
    mean_7d: measure("mean_7d"),
    ewma_half_life_5d: measure("ewma_half_life_5d"),
    mean_30d: measure("mean_30d"),
    median_30d: measure("median_30d"),
  };
}

/** Errors of one candidate's values, in natural units, on rows of known outcome. */
export function candidateMetrics(
  table: SampleTable,
  rows: Int32Array,
  values: Float64Array,
): CandidateMetrics {
  const errors = values.map((value, position) => Math.abs(value - at(table.target, at(rows, position))));
  return {
    mae_mean: mean(errors),
    mae_median_market: median([...marketErrors(table, rows, errors).values()]),
  };
}

/** The mean error of each market. */
export function marketErrors(
  table: SampleTable,
  rows: Int32Array,
  errors: Float64Array,
): Map<number, number> {
  const perMarket = new Map<number, { sum: number; count: number }>();
  rows.forEach((row, position) => {
    const market = at(table.market, row);
    const total = perMarket.get(market) ?? { sum: 0, count: 0 };
    perMarket.set(market, total);
    total.sum += at(errors, position);
    total.count += 1;
  });
  return new Map([...perMarket].map(([market, { sum, count }]) => [market, sum / count]));
}

/** Goes through a history of known outcomes and checks what was issued on each day. */
export function intervalMetrics(
  calibration: AdaptiveCalibration,
  history: ForecastHistory,
  options: { lastDay: number; level: number },
): IntervalMetrics {
  const widths: number[] = [];
  const stated: number[] = [];
  const within: number[] = [];
  let covered = 0;
  calibration.replay(history, options.lastDay, (index, forecast) => {
    const interval = forecast.intervals.find(({ level }) => level === options.level);
    if (interval === undefined || interval.unbounded) return;
    const actual = at(history.outcomes, index);
    if (actual >= interval.lower && actual <= interval.upper) covered += 1;
    widths.push(interval.upper - interval.lower);
    stated.push(forecast.confidence);
    within.push(Math.abs(actual - forecast.value) <= forecast.confidenceTolerance ? 1 : 0);
  });
  const n = widths.length;
  return {
    level: options.level,
    n,
    coverage: n === 0 ? null : covered / n,
    width_mean: n === 0 ? null : mean(widths),
    width_median: n === 0 ? null : median(widths),
    confidence_reliability: reliabilityTable(stated, within),
  };
}
