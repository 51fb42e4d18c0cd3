import type { ForestModel } from "@obsqra/forest";
import type { BaselineName } from "./baselines.ts";
import { bestBaseline } from "./baselines.ts";
import type { ForecastLearner } from "./forecast-learner.ts";
import type { ForecastSpace } from "./forecast-space.ts";
import { forward, inverse } from "./forecast-space.ts";
import { at } from "./numbers.ts";
import type { SampleTable } from "./sample-table.ts";
import { fitScale, scalesOf } from "./scale-model.ts";
import type { Fold } from "./walk-forward.ts";

/** Fewer training rows than this, and no forest is fitted: the baseline answers. */
const TRAINING_ROWS_MIN = 200;

/** Every out-of-sample forecast of a walk-forward run, fold by fold; arrays are aligned. */
export interface Backtest {
  /** Rows of the sample table. */
  rows: Int32Array;
  /** Index of the fold each row belongs to. */
  folds: Int32Array;
  /** The model's point forecast in the modelled space; all NaN when any fold had too little to learn from. */
  centres: Float64Array;
  /** The uncertainty of each forecast in the modelled space, > 0: learned, or the local volatility without a model. */
  scales: Float64Array;
  /** Per fold, the share of the forest's correction that is believed; chosen on earlier folds only. */
  shrinkages: number[];
  /** The share to use from now on: chosen on all folds. */
  shrinkage: number;
  hasModel: boolean;
}

/** What a backtest needs besides its folds. */
export interface BacktestOptions {
  space: ForecastSpace;
  learner: ForecastLearner;
  seed: number;
  /** Called before each fold is fitted, so that a caller may report progress or stop by throwing. */
  onFold?: (fold: number) => void;
}

/**
 * Fits on each fold's past and forecasts its days. A fold's forecast is reference + λ·correction in the
 * modelled space, the correction being the forest's: λ is the share that would have minimised the absolute error
 * on the folds before it (a half on the first). Nothing in a
 * fold's forecasts depends on its own outcomes or on later ones.
 */
export function runBacktest(table: SampleTable, folds: readonly Fold[], options: BacktestOptions): Backtest {
  const rows = Int32Array.from(folds.flatMap(({ testRows }) => [...testRows]));
  const foldOf = Int32Array.from(folds.flatMap(({ testRows }, fold) => [...testRows].map(() => fold)));
  const hasModel = folds.length > 0 && folds.every(({ trainRows }) => trainRows.length >= TRAINING_ROWS_MIN);
  const corrections = new Float64Array(rows.length).fill(Number.NaN);
  const references = new Float64Array(rows.length).fill(Number.NaN);
  const centres = new Float64Array(rows.length).fill(Number.NaN);
  const shrinkages: number[] = [];
  const scales = Float64Array.from(rows, (row) => at(table.scale, row));
  if (!hasModel) return { rows, folds: foldOf, centres, scales, shrinkages, shrinkage: 0, hasModel };

  let start = 0;
  folds.forEach((fold, foldIndex) => {
    options.onFold?.(foldIndex);
    const { anchor, correction, scale } = fitForests(table, fold.trainRows, options);
    corrections.set(options.learner.corrections(correction, table, fold.testRows), start);
    references.set(referencesOf(table, fold.testRows, { learner: options.learner, anchor }), start);
    scales.set(scalesOf(scale, table, fold.testRows), start);
    const past = { corrections: corrections.subarray(0, start), references: references.subarray(0, start) };
    const share = start === 0 ? initialShrinkage : bestShrinkage(options.space, past, outcomes(table, rows));
    shrinkages.push(share);
    for (let index = start; index < start + fold.testRows.length; index += 1) {
      centres[index] = at(references, index) + share * at(corrections, index);
    }
    start += fold.testRows.length;
  });
  const shrinkage = bestShrinkage(options.space, { corrections, references }, outcomes(table, rows));
  return { rows, folds: foldOf, centres, scales, shrinkages, shrinkage, hasModel };
}

/** What is fitted on the known past: where forecasts start, their correction, their uncertainty. */
export interface FittedForests {
  anchor: BaselineName;
  correction: ForestModel;
  scale: ForestModel;
}

/** Fits the forests on rows whose outcome is known. */
export function fitForests(
  table: SampleTable,
  rows: Int32Array,
  options: Pick<BacktestOptions, "space" | "learner" | "seed">,
): FittedForests {
  const { space, learner, seed } = options;
  const anchor = bestBaseline(table.baselines, table.target, rows);
  return {
    anchor,
    correction: learner.fit(table, rows, { anchor, seed }),
    scale: fitScale(table, rows, {
      references: referencesOf(table, rows, { learner, anchor }),
      outcomes: outcomes(table, rows).map((outcome) => forward(space, outcome)),
      floor: learner.scaleFloor,
      seed,
    }),
  };
}

/** Where the forecasts of rows start from, in the modelled space. */
export function referencesOf(
  table: SampleTable,
  rows: Int32Array,
  options: { learner: ForecastLearner; anchor: BaselineName },
): Float64Array {
  return Float64Array.from(rows, (row) => options.learner.reference(table, row, options.anchor));
}

/** A baseline's forecasts of rows in the modelled space. */
export function baselineCentres(
  table: SampleTable,
  rows: Int32Array,
  options: { space: ForecastSpace; name: BaselineName },
): Float64Array {
  return Float64Array.from(rows, (row) => forward(options.space, at(table.baselines[options.name], row)));
}

/** The outcomes of rows in natural units. */
function outcomes(table: SampleTable, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => at(table.target, row));
}

/** Before any evidence, half of the correction is believed. */
const initialShrinkage = 0.5;

function bestShrinkage(
  space: ForecastSpace,
  past: { corrections: Float64Array; references: Float64Array },
  actual: Float64Array,
): number {
  let best = 0;
  let errorMin = Number.POSITIVE_INFINITY;
  for (let tenths = 0; tenths <= 10; tenths += 1) {
    let error = 0;
    for (let index = 0; index < past.corrections.length; index += 1) {
      const centre = at(past.references, index) + (tenths / 10) * at(past.corrections, index);
      error += Math.abs(inverse(space, centre) - at(actual, index));
    }
    if (error < errorMin) {
      best = tenths / 10;
      errorMin = error;
    }
  }
  return best;
}
