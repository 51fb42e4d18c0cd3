import type { ForestModel } from "@obsqra/forest";
import type { BaselineName } from "./baselines.ts";
import type { SampleTable } from "./sample-table.ts";

/** How the forest of one kind of forecast is fitted and read. */
export interface ForecastLearner {
  /** Recorded with the trained model. */
  parameters: Readonly<Record<string, number>>;
  /** Errors below this, in the modelled space, all count as small when the scale is learned. */
  scaleFloor: number;
  /** Fits on rows whose target is known. Pure: same input, same forest. */
  fit(table: SampleTable, rows: Int32Array, options: LearnerOptions): ForestModel;
  /** Where a row's forecast starts from, in the modelled space: known without any forest. */
  reference(table: SampleTable, row: number, anchor: BaselineName): number;
  /** What the forest adds to the references of rows, in the modelled space, before it is shrunk. */
  corrections(forest: ForestModel, table: SampleTable, rows: Int32Array): Float64Array;
}

/** @see ForecastLearner.fit */
interface LearnerOptions {
  /** The best baseline on the training rows. */
  anchor: BaselineName;
  seed: number;
}
