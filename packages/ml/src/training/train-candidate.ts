import type { ForecastHistory, RowForecasts } from "../calibration/forecast-history.ts";
import { marketHistory, protocolHistory } from "../calibration/forecast-history.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import { baselineNames } from "../forecast/baselines.ts";
import type { ForecastSpace } from "../forecast/forecast-space.ts";
import { inverse } from "../forecast/forecast-space.ts";
import {
  baselineCentres,
  modelCentres,
  referencesOf,
  rowScales,
  shrunk,
} from "../forecast/point-forecast.ts";
import { at } from "../numbers.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { comparedDaysMin, promotionGainMin } from "../promotion/promotion-rule.ts";
import type { FittedForests, Fold, WalkForward, WalkForwardData } from "./walk-forward.ts";

/** Fewer learned scales than this cannot calibrate intervals: the local volatility takes their place. */
const learnedScalesMin = 500;

/** Before any evidence, half of the correction is believed. */
const initialShrinkage = 0.5;

/** Out-of-sample forecasts of the model and outcomes, by row; arrays are aligned. All outcomes are known. */
interface WalkForwardEvidence {
  rows: Int32Array;
  /** The model's forecasts in the modelled space. */
  centres: Float64Array;
}

/** What stands at the end of a day: fitted on everything known, tested on the past, not yet promoted. */
export interface Candidate {
  /** Last day that it has seen; it forecasts from this day on. */
  asOfDay: number;
  space: ForecastSpace;
  servedBy: "model" | "baseline";
  /** The best baseline of the walk-forward test. */
  baseline: BaselineName;
  /** Undefined when there was too little to learn from. */
  fitted: FittedForests | undefined;
  /** False when intervals rest on the local volatility. */
  learnedScale: boolean;
  /** Share of the forests' correction that is believed: per fold, chosen on what was known then, and from now on. */
  shrinkages: number[];
  shrinkage: number;
  folds: readonly Fold[];
  /** Rows of the test with a known outcome: those that the model could forecast, or all when there is none. */
  testRows: Int32Array;
  evidence: WalkForwardEvidence | undefined;
  test: FoldTest;
  /** Past forecasts of whoever serves, which calibrate the coming ones. */
  markets: ForecastHistory;
  protocols: ForecastHistory;
}

/**
 * Fits at the end of a day and tests walk-forward on the days before it. The point forecast is
 * reference + λ·(forests − reference) in the modelled space: λ is the share that would have minimised the absolute error of
 * the folds before (a half at first), so that forests of no use are not listened to. The model serves only if its
 * walk-forward error is at least {@link promotionGainMin} below that of the best baseline on the same forecasts;
 * picking the best baseline with hindsight favours the baseline.
 */
export function trainCandidate(walkForward: WalkForward, asOfDay: number, backtestDays: number): Candidate {
  const { data } = walkForward;
  const space = data.task.space(data.panel, asOfDay);
  const folds = walkForward.foldsBefore(asOfDay, backtestDays);
  const fitted = walkForward.fitAt(asOfDay);
  const test = testFolds(data, { space, folds, asOfDay });
  const { evidence } = test;
  const testRows = evidence?.rows ?? knownRows(data, folds, asOfDay);
  const baseline = bestBaseline(data.table, testRows);
  const modelError = evidence && meanError(data.table, space, evidence);
  const beaten = modelError !== undefined && modelError < baselineLimit(data.table, testRows, baseline);
  const servedBy = beaten && fitted !== undefined ? "model" : "baseline";
  const learnedScale =
    fitted !== undefined && evidence !== undefined && evidence.rows.length >= learnedScalesMin;
  const candidate = {
    asOfDay,
    space,
    servedBy,
    baseline,
    fitted,
    learnedScale,
    shrinkages: test.shrinkages,
    shrinkage: test.shrinkage,
    folds,
    testRows,
    evidence,
    test,
  } as const;
  return { ...candidate, ...candidateHistory(data, candidate) };
}

/** The test's forecasts with known outcomes, as whoever serves would have made them. */
export function candidateHistory(
  data: WalkForwardData,
  candidate: Omit<Candidate, "markets" | "protocols">,
): Pick<Candidate, "markets" | "protocols"> {
  const { asOfDay, space } = candidate;
  const all = servedForecasts(data, candidate);
  const known = (_value: number, index: number) => isKnown(data, at(all.rows, index), asOfDay);
  const forecasts = {
    rows: all.rows.filter(known),
    centres: all.centres.filter(known),
    scales: all.scales.filter(known),
  };
  const markets = marketHistory(data.panel, data.table, forecasts);
  return { markets, protocols: protocolHistory(data.table, space, { history: markets, forecasts }) };
}

/** Points and scales of a candidate's forecasts for rows on or after its day. */
export function candidateForecasts(
  data: Pick<WalkForwardData, "table" | "task">,
  candidate: Pick<Candidate, "space" | "servedBy" | "baseline" | "fitted" | "learnedScale" | "shrinkage">,
  rows: Int32Array,
): RowForecasts {
  const { fitted } = candidate;
  const centres =
    candidate.servedBy === "baseline" || fitted === undefined
      ? baselineCentres(data.table, rows, { space: candidate.space, name: candidate.baseline })
      : modelCentres(data, { point: fitted.point, shrinkage: candidate.shrinkage }, rows);
  return {
    rows,
    centres,
    scales: rowScales(data.table, candidate.learnedScale ? fitted?.scale : undefined, rows),
  };
}

interface FoldForecast {
  fold: Fold;
  references: Float64Array;
  full: Float64Array;
  centres: Float64Array;
  scales: Float64Array;
}

/** The walk-forward test, fold by fold. */
interface FoldTest {
  forecasts: FoldForecast[];
  evidence: WalkForwardEvidence | undefined;
  shrinkages: number[];
  shrinkage: number;
}

/** Forecasts every fold that has a model, as it would have been forecast on its first day. */
function testFolds(
  data: WalkForwardData,
  plan: { space: ForecastSpace; folds: readonly Fold[]; asOfDay: number },
): FoldTest {
  const { space, folds, asOfDay } = plan;
  const forecasts: FoldForecast[] = [];
  const shrinkages: number[] = [];
  for (const fold of folds) {
    if (fold.fitted === undefined) continue;
    const shrinkage = bestShrinkage(data, { space, forecasts, knownAt: fold.firstDay });
    const references = referencesOf(data, fold.fitted.point, fold.rows);
    const full = data.task.learner.centres(fold.fitted.point, data.table, fold.rows);
    const centres = shrunk(references, full, shrinkage);
    forecasts.push({
      fold,
      references,
      full,
      centres,
      scales: rowScales(data.table, fold.fitted.scale, fold.rows),
    });
    shrinkages.push(shrinkage);
  }
  const shrinkage = bestShrinkage(data, { space, forecasts, knownAt: asOfDay });
  const known = forecasts.map(({ fold, centres }) => {
    const keep = (_value: number, position: number) => isKnown(data, at(fold.rows, position), asOfDay);
    return { rows: fold.rows.filter(keep), centres: centres.filter(keep) };
  });
  const rows = Int32Array.from(known.flatMap((fold) => [...fold.rows]));
  const dayCount = new Set(Array.from(rows, (row) => at(data.table.day, row))).size;
  const evidence =
    dayCount < comparedDaysMin
      ? undefined
      : { rows, centres: Float64Array.from(known.flatMap(({ centres }) => [...centres])) };
  return { forecasts, evidence, shrinkages, shrinkage };
}

/** What the candidate, as it serves now, would have forecast on the days of the test. */
function servedForecasts(
  data: WalkForwardData,
  served: Pick<Candidate, "space" | "folds" | "servedBy" | "baseline" | "learnedScale" | "test">,
): RowForecasts {
  const { test, servedBy, learnedScale } = served;
  // A baseline has always been known; forests only where a fold was fitted.
  const folds = servedBy === "model" || learnedScale ? test.forecasts.map(({ fold }) => fold) : served.folds;
  const rows = Int32Array.from(folds.flatMap((fold) => [...fold.rows]));
  const joined = (read: (forecast: FoldForecast) => Float64Array) =>
    Float64Array.from(test.forecasts.flatMap((forecast) => [...read(forecast)]));
  return {
    rows,
    centres:
      servedBy === "model"
        ? joined(({ centres }) => centres)
        : baselineCentres(data.table, rows, { space: served.space, name: served.baseline }),
    scales: learnedScale ? joined(({ scales }) => scales) : rowScales(data.table, undefined, rows),
  };
}

function isKnown({ table, horizonDays }: WalkForwardData, row: number, asOfDay: number): boolean {
  return at(table.day, row) + horizonDays <= asOfDay && !Number.isNaN(at(table.target, row));
}

function knownRows(data: WalkForwardData, folds: readonly Fold[], asOfDay: number): Int32Array {
  return Int32Array.from(folds.flatMap(({ rows }) => [...rows.filter((row) => isKnown(data, row, asOfDay))]));
}

function bestBaseline(table: SampleTable, rows: Int32Array): BaselineName {
  let best: BaselineName = "last_value";
  for (const name of baselineNames) {
    if (baselineError(table, rows, name) < baselineError(table, rows, best)) best = name;
  }
  return best;
}

function baselineLimit(table: SampleTable, rows: Int32Array, baseline: BaselineName): number {
  return baselineError(table, rows, baseline) * (1 - promotionGainMin);
}

function baselineError(table: SampleTable, rows: Int32Array, name: BaselineName): number {
  let sum = 0;
  for (const row of rows) sum += Math.abs(at(table.baselines[name], row) - at(table.target, row));
  return sum / rows.length;
}

function meanError(table: SampleTable, space: ForecastSpace, evidence: WalkForwardEvidence): number {
  let sum = 0;
  evidence.rows.forEach((row, index) => {
    sum += Math.abs(inverse(space, at(evidence.centres, index)) - at(table.target, row));
  });
  return sum / evidence.rows.length;
}

function bestShrinkage(
  data: WalkForwardData,
  past: { space: ForecastSpace; forecasts: readonly FoldForecast[]; knownAt: number },
): number {
  const { space, forecasts, knownAt } = past;
  let best = initialShrinkage;
  let errorMin = Number.POSITIVE_INFINITY;
  for (let tenths = 0; tenths <= 10; tenths += 1) {
    let error = 0;
    let count = 0;
    for (const { fold, references, full } of forecasts) {
      fold.rows.forEach((row, index) => {
        if (!isKnown(data, row, knownAt)) return;
        const reference = at(references, index);
        const centre = reference + (tenths / 10) * (at(full, index) - reference);
        error += Math.abs(inverse(space, centre) - at(data.table.target, row));
        count += 1;
      });
    }
    if (count > 0 && error < errorMin) {
      best = tenths / 10;
      errorMin = error;
    }
  }
  return best;
}
