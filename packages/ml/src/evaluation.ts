import type { Backtest } from "./backtest.ts";
import { baselineCentres } from "./backtest.ts";
import type { BaselineName } from "./baselines.ts";
import { BASELINE_NAMES } from "./baselines.ts";
import type { ReliabilityBin } from "./confidence.ts";
import { reliabilityTable } from "./confidence.ts";
import type { ConfidenceKnot } from "./confidence-map.ts";
import { confidenceKnots } from "./confidence-map.ts";
import type { ScaledResiduals } from "./conformal.ts";
import { calibrate } from "./conformal.ts";
import type { ForecastSpace } from "./forecast-space.ts";
import { distributionAt, forward, inverse } from "./forecast-space.ts";
import { at, mean, median } from "./numbers.ts";
import type { SampleTable } from "./sample-table.ts";

/** Point accuracy of one candidate over the walk-forward forecasts, in natural units. */
export interface CandidateMetrics {
  /** Mean absolute error over all forecasts. */
  mae_mean: number;
  /** Median over markets of the market's mean absolute error. */
  mae_median_market: number;
}

/** Forecasts to be calibrated and checked, fold by fold; arrays are aligned. */
export interface ForecastSample {
  folds: Int32Array;
  /** Points and scales in the modelled space. */
  centres: Float64Array;
  scales: Float64Array;
  /** Outcomes in natural units. */
  actual: Float64Array;
}

/** How intervals and confidence did on folds that had no part in calibrating them. */
export interface IntervalMetrics {
  level: number;
  /** Forecasts checked: those of the second and later folds. */
  n: number;
  /** Share of them whose actual value was inside the interval; null when none could be checked. */
  coverage: number | null;
  width_mean: number | null;
  width_median: number | null;
  confidence_reliability: ReliabilityBin[];
}

/** Who answers, and why. */
export interface Promotion {
  servedBy: "model" | "baseline";
  baseline: BaselineName;
}

/** A model must cut the best baseline's error by this share to be served; a smaller gain may be luck. */
export const PROMOTION_GAIN_MIN = 0.005;

/**
 * The promotion rule: the model is served only if its walk-forward mean absolute error is at least 0.5 % below
 * that of the best baseline on the same forecasts. Picking the best baseline with hindsight favours the baseline.
 */
export function promote(
  baselines: Record<BaselineName, CandidateMetrics>,
  model: CandidateMetrics | undefined,
): Promotion {
  let baseline: BaselineName = "last_value";
  for (const name of BASELINE_NAMES) {
    if (baselines[name].mae_mean < baselines[baseline].mae_mean) baseline = name;
  }
  const limit = baselines[baseline].mae_mean * (1 - PROMOTION_GAIN_MIN);
  const beaten = model !== undefined && model.mae_mean < limit;
  return { servedBy: beaten ? "model" : "baseline", baseline };
}

/** Errors of every baseline on the backtest's rows. */
export function baselineMetrics(
  table: SampleTable,
  rows: Int32Array,
  space: ForecastSpace,
): Record<BaselineName, CandidateMetrics> {
  const measure = (name: BaselineName) =>
    candidateMetrics(table, rows, { space, centres: baselineCentres(table, rows, { space, name }) });
  return {
    last_value: measure("last_value"),
    mean_7d: measure("mean_7d"),
    ewma_half_life_5d: measure("ewma_half_life_5d"),
    mean_30d: measure("mean_30d"),
    median_30d: measure("median_30d"),
  };
}

/** Errors of one candidate's points on the backtest's rows. */
export function candidateMetrics(
  table: SampleTable,
  rows: Int32Array,
  candidate: { space: ForecastSpace; centres: Float64Array },
): CandidateMetrics {
  const perMarket = new Map<number, number[]>();
  const all = new Float64Array(rows.length);
  rows.forEach((row, position) => {
    const error = Math.abs(inverse(candidate.space, at(candidate.centres, position)) - at(table.target, row));
    all[position] = error;
    const market = at(table.market, row);
    const list = perMarket.get(market);
    if (list === undefined) perMarket.set(market, [error]);
    else list.push(error);
  });
  return { mae_mean: mean(all), mae_median_market: median([...perMarket.values()].map(mean)) };
}

/** The forecasts of the candidate that will be served, with their scales and outcomes. */
export function forecastSample(
  table: SampleTable,
  backtest: Backtest,
  centres: Float64Array,
): ForecastSample {
  return {
    folds: backtest.folds,
    centres,
    scales: backtest.scales,
    actual: Float64Array.from(backtest.rows, (row) => at(table.target, row)),
  };
}

/** Normalised residuals (g(actual) − centre) / scale, with their scales. */
export function normalisedResiduals(space: ForecastSpace, sample: ForecastSample): ScaledResiduals {
  const residuals = sample.centres.map(
    (centre, position) =>
      (forward(space, at(sample.actual, position)) - centre) / at(sample.scales, position),
  );
  return { residuals, scales: sample.scales };
}

/** The forecasts of the folds before `fold`; folds are in ascending order. */
function firstFolds(sample: ForecastSample, fold: number): ForecastSample {
  const first = sample.folds.findIndex((value) => value >= fold);
  const end = first < 0 ? sample.folds.length : first;
  return {
    folds: sample.folds.subarray(0, end),
    centres: sample.centres.subarray(0, end),
    scales: sample.scales.subarray(0, end),
    actual: sample.actual.subarray(0, end),
  };
}

/** The correction of raw confidence that past forecasts call for; empty when they are few. */
export function forecastKnots(space: ForecastSpace, sample: ForecastSample): ConfidenceKnot[] {
  const calibration = calibrate(normalisedResiduals(space, sample));
  const raw = new Float64Array(sample.centres.length);
  const within = sample.centres.map((centre, position) => {
    const point = { centre, scale: at(sample.scales, position) };
    const forecast = distributionAt(space, point, calibration, 0.5); // Only its confidence is read.
    raw[position] = forecast.confidence;
    return Math.abs(at(sample.actual, position) - forecast.value) <= forecast.confidenceTolerance ? 1 : 0;
  });
  return confidenceKnots(raw, within);
}

/** Checks each fold's intervals and confidence as they would have been served: calibrated on earlier folds. */
export function intervalMetrics(
  space: ForecastSpace,
  sample: ForecastSample,
  level: number,
): IntervalMetrics {
  const widths: number[] = [];
  const stated: number[] = [];
  const within: number[] = [];
  let covered = 0;
  const foldCount = sample.folds.length === 0 ? 0 : at(sample.folds, sample.folds.length - 1) + 1;
  for (let fold = 1; fold < foldCount; fold += 1) {
    const past = firstFolds(sample, fold);
    const calibration = calibrate(normalisedResiduals(space, past), forecastKnots(space, past));
    for (let position = 0; position < sample.folds.length; position += 1) {
      if (at(sample.folds, position) !== fold) continue;
      const point = { centre: at(sample.centres, position), scale: at(sample.scales, position) };
      const forecast = distributionAt(space, point, calibration, level);
      const actual = at(sample.actual, position);
      if (actual >= forecast.lower && actual <= forecast.upper) covered += 1;
      widths.push(forecast.upper - forecast.lower);
      stated.push(forecast.confidence);
      within.push(Math.abs(actual - forecast.value) <= forecast.confidenceTolerance ? 1 : 0);
    }
  }
  const n = widths.length;
  return {
    level,
    n,
    coverage: n === 0 ? null : covered / n,
    width_mean: n === 0 ? null : mean(widths),
    width_median: n === 0 ? null : median(widths),
    confidence_reliability: reliabilityTable(stated, within),
  };
}
