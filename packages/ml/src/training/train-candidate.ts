import type { ForecastHistory, RowForecasts } from "../calibration/forecast-history.ts";
import { marketHistory, protocolHistory, protocolsOf } from "../calibration/forecast-history.ts";
import type { WeightsState } from "../experts/delayed-weights.ts";
import { type CombinationState, ExpertCombination } from "../experts/expert-combination.ts";
import { combinedPrior } from "../experts/experts.ts";
import { ProtocolCombination } from "../experts/protocol-combination.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import { baselineNames } from "../forecast/baselines.ts";
import type { ForecastSpace } from "../forecast/forecast-space.ts";
import { forward } from "../forecast/forecast-space.ts";
import {
  combinedForecasts,
  modelValues,
  projectedValues,
  rowScales,
  unlearnedSince,
} from "../forecast/point-forecast.ts";
import { protocolRows } from "../forecast/protocol-rows.ts";
import { at } from "../numbers.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { rowsBetween } from "../panel/sample-table.ts";
import { comparedDaysMin } from "../promotion/promotion-rule.ts";
import type { FittedForests, Fold, WalkForward, WalkForwardData } from "./walk-forward.ts";

/** Fewer learned scales than this cannot calibrate intervals: the local volatility takes their place. */
const learnedScalesMin = 500;

/** Forecasts with their outcomes in the walk-forward test, by row; arrays are aligned. All outcomes are known. */
interface WalkForwardEvidence {
  rows: Int32Array;
  /** In the modelled space. */
  centres: Float64Array;
}

/** What stands at the end of a day: fitted on everything known, tested on the past, not yet promoted. */
export interface Candidate {
  /** Last day that it has seen; it forecasts from this day on. */
  asOfDay: number;
  space: ForecastSpace;
  /** Whether a fitted model is among the experts, or only baselines are. */
  servedBy: "model" | "baseline";
  /** The best baseline of the walk-forward test. */
  baseline: BaselineName;
  /** Undefined when there was too little to learn from. */
  fitted: FittedForests | undefined;
  /** False when intervals rest on the local volatility. */
  learnedScale: boolean;
  /** The experts' weights before any outcome, and what the test has taught of them. */
  prior: readonly number[];
  learned: CombinationState;
  /** What the test has taught of the weights of protocols; see `protocol-combination.ts`. */
  learnedOfProtocols: WeightsState;
  folds: readonly Fold[];
  /** Rows of the test with a known outcome. */
  testRows: Int32Array;
  /** What would have been served for them. */
  testCentres: Float64Array;
  /** What the model alone said, where it could; undefined when it could on too few days. */
  evidence: WalkForwardEvidence | undefined;
  test: FoldTest;
  /** Past forecasts of what is served, which calibrate the coming ones. */
  markets: ForecastHistory;
  protocols: ForecastHistory;
}

/**
 * Fits at the end of a day and tests walk-forward on the days before it. What is served is the weighted mean of the baselines and
 * the model (see `expert-combination.ts`): the weights are those that the outcomes of the test have taught, each known only
 * after the horizon, so that forests of no use lose their say and forests of use need not win everything to be heard.
 */
export function trainCandidate(walkForward: WalkForward, asOfDay: number, backtestDays: number): Candidate {
  const { data } = walkForward;
  const space = data.task.space(data.panel, asOfDay);
  const folds = walkForward.foldsBefore(asOfDay, backtestDays);
  const fitted = walkForward.fitAt(asOfDay);
  return combineExperts(data, {
    asOfDay,
    space,
    fitted,
    folds,
    test: testFolds(data, space, folds),
    // At least a little for a model that was not fitted yet: those of later days are forecast with by the same weights.
    prior: combinedPrior(
      Math.max(1, walkForward.trainingRows(asOfDay).length),
      data.task.learner.isProjection,
    ),
  });
}

/** The candidate with other weights to begin with; its fits and its test stay. */
export function withPrior(data: WalkForwardData, candidate: Candidate, prior: readonly number[]): Candidate {
  return combineExperts(data, { ...candidate, prior });
}

function combineExperts(
  data: WalkForwardData,
  tested: Pick<Candidate, "asOfDay" | "space" | "fitted" | "folds" | "test" | "prior">,
): Candidate {
  const { asOfDay, space, fitted, test, prior } = tested;
  const { table, panel, horizonDays } = data;
  const isKnownAt = (position: number) => isKnown(data, at(test.rows, position), asOfDay);
  const combination = new ExpertCombination(prior, horizonDays);
  const { values } = combination.replay(
    {
      table,
      panel,
      rows: test.rows,
      model: test.model,
      projection: projectedValues(data, space, test.rows),
    },
    { lastDay: asOfDay },
  );
  const centres = values.map((value) => forward(space, value));
  const known = Int32Array.from(test.rows.keys()).filter(isKnownAt);
  const testRows = known.map((position) => at(test.rows, position));
  const evidence = modelEvidence(data, space, { test, known });
  const learnedScale =
    fitted !== undefined && evidence !== undefined && evidence.rows.length >= learnedScalesMin;
  // Learned scales exist only where a fold was fitted; the local volatility has always been known.
  const calibrating = learnedScale
    ? known.filter((position) => !Number.isNaN(at(test.scales, position)))
    : known;
  const scales = learnedScale ? test.scales : rowScales(table, undefined, test.rows);
  const forecasts = {
    rows: calibrating.map((position) => at(test.rows, position)),
    centres: Float64Array.from(calibrating, (position) => at(centres, position)),
    scales: Float64Array.from(calibrating, (position) => at(scales, position)),
  };
  const byProtocol = protocolRows(data, space, { rows: test.rows, centres, scales }, protocolsOf(panel));
  const protocolCombination = new ProtocolCombination(horizonDays);
  const protocolValues = protocolCombination.replay(byProtocol, { lastDay: asOfDay });
  return {
    ...tested,
    servedBy: fitted === undefined ? "baseline" : "model",
    baseline: bestBaseline(table, testRows),
    learnedScale,
    learned: combination.state,
    learnedOfProtocols: protocolCombination.state,
    testRows,
    testCentres: Float64Array.from(known, (position) => at(centres, position)),
    evidence,
    markets: marketHistory(panel, table, forecasts),
    protocols: protocolHistory(byProtocol, space, {
      values: protocolValues,
      isKept: (index) => at(byProtocol.days, index) + horizonDays <= asOfDay,
    }),
  };
}

/**
 * Points and scales of a candidate's forecasts from the first day whose outcomes it has not learned from, some of them of days before its
 * own; it learns from their outcomes as they become known.
 */
export function forecastsUntil(
  data: Pick<WalkForwardData, "table" | "task" | "panel" | "horizonDays">,
  candidate: Pick<Candidate, "asOfDay" | "space" | "fitted" | "learnedScale" | "prior" | "learned">,
  lastDay: number,
): RowForecasts {
  const { fitted, space, asOfDay } = candidate;
  const { table } = data;
  const rows = rowsBetween(table, unlearnedSince(asOfDay, data.horizonDays), lastDay);
  const combined = combinedForecasts(data, { ...candidate, point: fitted?.point }, rows);
  return {
    rows,
    centres: combined.values.map((value) => forward(space, value)),
    scales: rowScales(table, candidate.learnedScale ? fitted?.scale : undefined, rows),
  };
}

/** The walk-forward test: all rows of its folds, and what was fitted before each said of them; arrays are aligned. */
interface FoldTest {
  rows: Int32Array;
  /** Natural units; NaN where no model was fitted. */
  model: Float64Array;
  /** Learned scales; NaN where none were. */
  scales: Float64Array;
}

/** Forecasts every fold as it would have been forecast on its first day. */
function testFolds(data: WalkForwardData, space: ForecastSpace, folds: readonly Fold[]): FoldTest {
  const { table } = data;
  const parts = folds.map(({ fitted, rows }) => ({
    rows,
    model: modelValues(data, { point: fitted?.point, space }, rows),
    scales:
      fitted === undefined
        ? new Float64Array(rows.length).fill(Number.NaN)
        : rowScales(table, fitted.scale, rows),
  }));
  return {
    rows: Int32Array.from(parts.flatMap(({ rows }) => [...rows])),
    model: Float64Array.from(parts.flatMap(({ model }) => [...model])),
    scales: Float64Array.from(parts.flatMap(({ scales }) => [...scales])),
  };
}

/** The model's own forecasts among the known ones; undefined when they are of too few days to say anything. */
function modelEvidence(
  { table }: WalkForwardData,
  space: ForecastSpace,
  { test, known }: { test: FoldTest; known: Int32Array },
): WalkForwardEvidence | undefined {
  const positions = known.filter((position) => !Number.isNaN(at(test.model, position)));
  const rows = positions.map((position) => at(test.rows, position));
  if (new Set(Array.from(rows, (row) => at(table.day, row))).size < comparedDaysMin) return undefined;
  return {
    rows,
    centres: Float64Array.from(positions, (position) => forward(space, at(test.model, position))),
  };
}

function isKnown({ table, horizonDays }: WalkForwardData, row: number, asOfDay: number): boolean {
  return at(table.day, row) + horizonDays <= asOfDay && !Number.isNaN(at(table.target, row));
}

function bestBaseline(table: SampleTable, rows: Int32Array): BaselineName {
  let best: BaselineName = "last_value";
  for (const name of baselineNames) {
    if (baselineError(table, rows, name) < baselineError(table, rows, best)) best = name;
  }
  return best;
}

function baselineError(table: SampleTable, rows: Int32Array, name: BaselineName): number {
  let sum = 0;
  for (const row of rows) sum += Math.abs(at(table.baselines[name], row) - at(table.target, row));
  return sum / rows.length;
}
