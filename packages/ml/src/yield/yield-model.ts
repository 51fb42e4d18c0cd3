import type { ForestModel } from "@obsqra/forest";
import { fitGradientBoosting, predictBatch } from "@obsqra/forest";
import type { BaselineName } from "../baselines.ts";
import type { ForecastLearner } from "../forecast-learner.ts";
import { at, signedLog } from "../numbers.ts";
import type { SampleTable } from "../sample-table.ts";
import { selectFeatures } from "../sample-table.ts";

/** Settings of the gradient boosting behind the yield model. */
const YIELD_MODEL_PARAMETERS = {
  treeCount: 100,
  maxDepth: 5,
  learningRate: 0.08,
  minSamplesLeaf: 40,
  l2: 1,
  rowFraction: 0.5,
  featureFraction: 0.7,
} as const;

/**
 * Gradient boosting (absolute loss) on the log residual of a baseline: with g the signed log,
 * target = g(mean APY over the horizon) − g(baseline). The conditional median survives any monotone transform,
 * so this aims straight at the absolute error in percentage points, while heavy tails weigh as their logs.
 */
export const yieldLearner: ForecastLearner = {
  parameters: YIELD_MODEL_PARAMETERS,
  scaleFloor: 0.01,
  fit(table, rows, options) {
    const target = new Float64Array(rows.length);
    rows.forEach((row, position) => {
      target[position] = signedLog(at(table.target, row)) - referenceAt(table, row, options.anchor);
    });
    return fitGradientBoosting(
      { features: selectFeatures(table, rows), target },
      {
        ...YIELD_MODEL_PARAMETERS,
        seed: options.seed,
        loss: { kind: "absolute" },
      },
    );
  },
  reference: referenceAt,
  corrections(forest: ForestModel, table: SampleTable, rows: Int32Array) {
    return predictBatch(forest, selectFeatures(table, rows));
  },
};

function referenceAt(table: SampleTable, row: number, anchor: BaselineName): number {
  return signedLog(at(table.baselines[anchor], row));
}
