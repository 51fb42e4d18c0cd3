import type { PointModel } from "../forecast/forecast-learner.ts";
import type { ForecastSpace } from "../forecast/forecast-space.ts";
import { inverse } from "../forecast/forecast-space.ts";
import type { ForecastTask } from "../forecast/forecast-task.ts";
import type { SampleTable } from "../panel/sample-table.ts";

/** Why a fitted model says what it says of a row, in natural units: `start` and all contributions sum to what it says. */
export interface ModelExplanation {
  /** What it would say by its starting point alone, knowing nothing else of the market. */
  start: number;
  /** How far each column of the table moves it from there. */
  contributions: Float64Array;
}

/**
 * Explains what a model says of a row by exact Shapley values of its forests (`explainRow`). They are exact in the modelled space; in natural
 * units each counts with the mean slope between start and result, which is what Aumann and Shapley's values ("Values of Non-Atomic
 * Games", 1974) of a function of one sum come to, so that they sum up exactly there, too.
 */
export function explainModel(
  { learner }: Pick<ForecastTask, "learner">,
  { point, space }: { point: PointModel; space: ForecastSpace },
  { table, row }: { table: SampleTable; row: number },
): ModelExplanation {
  const { expectation, contributions, centre } = learner.explain(point, table, row);
  const moved = contributions.reduce((sum, each) => sum + each, 0);
  const start = inverse(space, centre(expectation));
  const said = inverse(space, centre(expectation + moved));
  const slope = moved === 0 ? 0 : (said - start) / moved;
  return { start, contributions: contributions.map((each) => each * slope) };
}

/** How much each column moves what a model says, on average over rows: shares of all moves, largest first. */
export function featureImportances(
  task: Pick<ForecastTask, "learner">,
  model: { point: PointModel; space: ForecastSpace },
  { table, rows }: { table: SampleTable; rows: readonly number[] },
): { name: string; share: number }[] {
  const sums = new Float64Array(table.featureNames.length);
  for (const row of rows) {
    explainModel(task, model, { table, row }).contributions.forEach((each, column) => {
      sums[column] = (sums[column] ?? 0) + Math.abs(each);
    });
  }
  const total = sums.reduce((sum, each) => sum + each, 0);
  return table.featureNames
    .map((name, column) => ({ name, share: total === 0 ? 0 : (sums[column] ?? 0) / total }))
    .sort((left, right) => right.share - left.share);
}
