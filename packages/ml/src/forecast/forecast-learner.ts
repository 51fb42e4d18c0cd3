import type { ForestModel } from "@obsqra/forest";
import type { SampleTable, TrainingRows } from "../panel/sample-table.ts";
import type { BaselineName } from "./baselines.ts";

/** How the forests of one kind of forecast are fitted and read. */
export interface ForecastLearner {
  /** Recorded with the trained model. */
  parameters: Readonly<Record<string, number>>;
  /** Errors below this, in the modelled space, all count as small when the scale is learned. */
  scaleFloor: number;
  /** Fits on rows whose target is known. Pure: same input, same forests. */
  fit(table: SampleTable, training: TrainingRows, options: LearnerOptions): PointModel;
  /** Whether that start is a forecast of its own, and no baseline. */
  isProjection: boolean;
  /** Where a row's forecast starts from, in the modelled space: known without any forest. */
  reference(table: SampleTable, row: number, anchor: BaselineName): number;
  /** The forests' forecasts of rows, in the modelled space, before they are shrunk towards the reference. */
  centres(model: PointModel, table: SampleTable, rows: Int32Array): Float64Array;
  /** What the forests add to a row's starting point, by column. */
  explain(model: PointModel, table: SampleTable, row: number): ForestsExplanation;
}

/** What forests say of a row: the expectation and all contributions sum to it. */
interface ForestsExplanation {
  /** What they say on average over the rows that they were fitted on. */
  expectation: number;
  /** Exact Shapley values, by column of the table. */
  contributions: Float64Array;
  /** The forecast of the row in the modelled space, if this is what the forests said. */
  centre: (said: number) => number;
}

/** Forests that each correct one starting point; the forecast is the mean of the corrected points. */
export interface PointModel {
  /** Baselines, best first on the training rows; the first is the one that forecasts are shrunk towards. */
  anchors: readonly BaselineName[];
  forests: readonly ForestModel[];
}

/** @see ForecastLearner.fit */
interface LearnerOptions {
  /** All baselines, best first on the training rows. */
  ranking: readonly BaselineName[];
  seed: number;
}
