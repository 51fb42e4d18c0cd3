import { describe, expect, test } from "vitest";
import type { ForestModel, TrainingData } from "../src/index.ts";
import { fitGradientBoosting, fitRandomForest, predictBatch } from "../src/index.ts";
import { mean, rootMeanSquaredError } from "./sample-data.ts";
import type { ReferenceTable } from "./scikit-learn-reference.ts";
import { readReferenceTables } from "./scikit-learn-reference.ts";

/** How much larger than scikit-learn's our root mean squared error may be, both averaged over ten seeds. */
const largestRatio = 1.01;

describe.each(readReferenceTables())(
  "on $name, averaged over ten seeds, the error is within 1 %",
  (table) => {
    test("of scikit-learn's RandomForestRegressor", () => {
      const fit = (data: TrainingData, seed: number) =>
        fitRandomForest(data, { seed, treeCount: 100, maxDepth: 10, minSamplesLeaf: 1, featureFraction: 1 });
      expect(meanError(table, fit)).toBeLessThanOrEqual(
        largestRatio * mean(Float64Array.from(table.forestErrors)),
      );
    });

    test("of its HistGradientBoostingRegressor with the same parameters", () => {
      const fit = (data: TrainingData, seed: number) =>
        fitGradientBoosting(data, {
          seed,
          treeCount: 100,
          maxDepth: 5,
          learningRate: 0.1,
          minSamplesLeaf: 20,
          l2: 0,
          binCount: 255,
        });
      expect(meanError(table, fit)).toBeLessThanOrEqual(
        largestRatio * mean(Float64Array.from(table.boostingErrors)),
      );
    });
  },
);

function meanError(table: ReferenceTable, fit: (data: TrainingData, seed: number) => ForestModel): number {
  return mean(
    Float64Array.from(table.splits, ({ training, held }, seed) =>
      rootMeanSquaredError(predictBatch(fit(training, seed), held.features), held.target),
    ),
  );
}
