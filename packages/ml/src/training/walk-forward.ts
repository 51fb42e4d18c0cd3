import { createRandom, type ForestModel } from "@obsqra/forest";
import { fitScale } from "../calibration/scale-model.ts";
import { rankBaselines } from "../forecast/baselines.ts";
import type { PointModel } from "../forecast/forecast-learner.ts";
import { forward } from "../forecast/forecast-space.ts";
import type { ForecastTask } from "../forecast/forecast-task.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { rowsBetween, selectRows, trainingRowsOf } from "../panel/sample-table.ts";

/** Days between two fits of a walk-forward test. */
export const refitDays = 30;

/** Fewer known outcomes than this, or outcomes of fewer days, and nothing is fitted: the baseline serves. */
const trainingRowsMin = 200;
const trainingDaysMin = 42;

/**
 * More rows than this are not learned from: a sample of them is, drawn by the seed. All histories that the evaluation rests on
 * have fewer. Without it, a million rows took minutes more and half as much memory again.
 */
export const trainingRowsMax = 100_000;

/** A market history as rows, with what is needed to fit on any part of it. */
export interface WalkForwardData {
  task: ForecastTask;
  horizonDays: number;
  /** Sorted by market id. */
  panel: readonly MarketSeries[];
  table: SampleTable;
  seed: number;
}

/** What is fitted on the past of one day. */
export interface FittedForests {
  point: PointModel;
  /** The uncertainty of forecasts; see `scale-model.ts`. */
  scale: ForestModel;
}

/** One step of a walk-forward test: fitted before `firstDay`, forecasting until `lastDay`. */
export interface Fold {
  firstDay: number;
  lastDay: number;
  /** Rows of these days, whether or not their outcome is known. */
  rows: Int32Array;
  trainingRowCount: number;
  /** Undefined when there was too little to learn from. */
  fitted: FittedForests | undefined;
}

/**
 * Fits models on the past of any day, each only once. Purged by the horizon: a training row of day d is used only if
 * d + horizon < firstDay, so no outcome of the test period leaks into training (López de Prado, "Advances in
 * Financial Machine Learning", 2018, chapter 7), and every row reads days up to its own only.
 */
export class WalkForward {
  readonly data: WalkForwardData;
  readonly #fits = new Map<number, FittedForests | undefined>();
  readonly #onFit: ((firstDay: number) => void) | undefined;

  /** @param onFit called before each fit, so that a caller may report progress or stop by throwing */
  constructor(data: WalkForwardData, onFit?: (firstDay: number) => void) {
    this.data = data;
    this.#onFit = onFit;
  }

  /** The models of someone who stands at the end of `firstDay`; undefined when there was too little to learn from. */
  fitAt(firstDay: number): FittedForests | undefined {
    if (!this.#fits.has(firstDay)) {
      this.#onFit?.(firstDay);
      this.#fits.set(firstDay, fit(this.data, this.trainingRows(firstDay), firstDay));
    }
    return this.#fits.get(firstDay);
  }

  /** Rows whose outcome was known before `firstDay` began, or a sample of {@link trainingRowsMax} of them; ascending. */
  trainingRows(firstDay: number): Int32Array {
    const { table, horizonDays, seed } = this.data;
    const known = selectRows(
      table,
      (row) => at(table.day, row) + horizonDays < firstDay && !Number.isNaN(at(table.target, row)),
    );
    return known.length > trainingRowsMax ? sample(known, trainingRowsMax, seed) : known;
  }

  /**
   * The folds behind a decision at the end of `asOfDay`: refitted every {@link refitDays} days, reaching
   * back until the forecasts of `backtestDays` days have known outcomes. Oldest first; days without rows are left out.
   */
  foldsBefore(asOfDay: number, backtestDays: number): Fold[] {
    const { table, horizonDays } = this.data;
    const count = Math.ceil((backtestDays + horizonDays) / refitDays);
    const folds = Array.from({ length: count }, (_unused, index): Fold => {
      const firstDay = asOfDay - (count - index) * refitDays;
      const lastDay = firstDay + refitDays - 1;
      const rows = rowsBetween(table, firstDay, lastDay);
      const fitted = rows.length === 0 ? undefined : this.fitAt(firstDay);
      return { firstDay, lastDay, rows, trainingRowCount: this.trainingRows(firstDay).length, fitted };
    });
    return folds.filter(({ rows }) => rows.length > 0);
  }
}

/** So many of the rows, each as likely as any other, in their order. */
function sample(rows: Int32Array, count: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const drawn = new Int32Array(count);
  let taken = 0;
  rows.forEach((row, position) => {
    if (random.nextInt(rows.length - position) >= count - taken) return;
    drawn[taken] = row;
    taken += 1;
  });
  return drawn;
}

function fit(data: WalkForwardData, rows: Int32Array, asOfDay: number): FittedForests | undefined {
  const { table, task, panel, seed } = data;
  const { learner } = task;
  const dayCount = new Set(Array.from(rows, (row) => at(table.day, row))).size;
  if (rows.length < trainingRowsMin || dayCount < trainingDaysMin) return undefined;
  const training = trainingRowsOf(table, rows);
  const space = task.space(panel, asOfDay);
  const ranking = rankBaselines(table.baselines, table.target, rows);
  const anchor = ranking[0] ?? "last_value";
  return {
    point: learner.fit(table, training, { ranking, seed }),
    scale: fitScale(training, {
      references: Float64Array.from(rows, (row) => learner.reference(table, row, anchor)),
      outcomes: Float64Array.from(rows, (row) => forward(space, at(table.target, row))),
      floor: learner.scaleFloor,
      seed,
    }),
  };
}
