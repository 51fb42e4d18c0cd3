import { describe, expect, inject, test } from "vitest";
import type { ForestModel, TrainingData } from "../src/index.ts";
import { fitGradientBoosting, fitRandomForest, predictBatch } from "../src/index.ts";
import { mean, rootMeanSquaredError } from "./sample-data.ts";
import type { ReferenceTable } from "./scikit-learn-reference.ts";
import { readReferenceTables } from "./scikit-learn-reference.ts";

/** Ten seeds are averaged; the short form takes the first of them, which leaves more to chance. */
const seeds = inject("isLong") ? 10 : 3;

/** How much larger than scikit-learn's our root mean squared error may be, both averaged over the seeds. */
const largestRatio = inject("isLong") ? 1.01 : 1.02;

describe.each(readReferenceTables())(
  "on $name, averaged over seeds, the error is within 1 % (2 % in the short form)",
  (table) => {
    test("of scikit-learn's RandomForestRegressor", () => {
      const fit = (data: TrainingData, seed: number) =>
        fitRandomForest(data, { seed, treeCount: 100, maxDepth: 10, minSamplesLeaf: 1, featureFraction: 1 });
      expect(meanError(table, fit)).toBeLessThanOrEqual(
        largestRatio * mean(Float64Array.from(table.forestErrors.slice(0, seeds))),
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
        largestRatio * mean(Float64Array.from(table.boostingErrors.slice(0, seeds))),
      );
    });
  },
);

function meanError(table: ReferenceTable, fit: (data: TrainingData, seed: number) => ForestModel): number {
  return mean(
    Float64Array.from(table.splits.slice(0, seeds), ({ training, held }, seed) =>
      rootMeanSquaredError(predictBatch(fit(training, seed), held.features), held.target),
    ),
  );
}
