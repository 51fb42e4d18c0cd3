import type { ForestModel } from "@obsqra/forest";
import { fitRandomForest, predictBatch } from "@obsqra/forest";
import { exp, log } from "../deterministic-math.ts";
import { at } from "../numbers.ts";
import type { SampleTable, TrainingRows } from "../panel/sample-table.ts";
import { selectFeatures } from "../panel/sample-table.ts";

/** Settings of the random forest behind interval widths. */
const scaleModelParameters = {
  treeCount: 60,
  maxDepth: 8,
  minSamplesLeaf: 30,
  featureFraction: 0.4,
  rowsPerTreeMax: 8_000,
} as const;

/**
 * How uncertain a forecast is, learned: a random forest on ln(floor + |outcome − reference|) in the modelled
 * space. The reference is not fitted, so its training errors are as large as its future ones, which those of a
 * fitted forest would not be. Conformal calibration (see `conformal.ts`) makes the intervals right on average
 * whatever the scale; a better scale makes them right for calm and for wild markets alike.
 */
export function fitScale(
  { rows, features }: TrainingRows,
  options: { references: Float64Array; outcomes: Float64Array; floor: number; seed: number },
): ForestModel {
  const { references, outcomes, floor, seed } = options;
  const { rowsPerTreeMax, ...parameters } = scaleModelParameters;
  const target = references.map((reference, position) =>
    log(floor + Math.abs(at(outcomes, position) - reference)),
  );
  return fitRandomForest(
    { features, target },
    { ...parameters, seed, bootstrapFraction: Math.min(1, rowsPerTreeMax / rows.length) },
  );
}

/** The scales of rows in the modelled space; all > 0. */
export function scalesOf(forest: ForestModel, table: SampleTable, rows: Int32Array): Float64Array {
  return predictBatch(forest, selectFeatures(table, rows)).map(exp);
}
