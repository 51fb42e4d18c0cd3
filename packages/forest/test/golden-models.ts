import type { ForestModel, TrainingData } from "../src/index.ts";
import { createRandom, fitGradientBoosting, fitRandomForest } from "../src/index.ts";

/**
 * Models of every kind and option, by name. Their data needs nothing but arithmetic that the language defines to the
 * last bit, so the bytes of the models must be the same on every engine.
 */
export function fitGoldenModels(): Map<string, ForestModel> {
  const plain = arithmeticData(600, 5, false);
  const awkward = arithmeticData(400, 6, true);
  const validation = arithmeticData(200, 5, false, 9);
  return new Map([
    ["forest", fitRandomForest(plain, { seed: 1, treeCount: 20 })],
    [
      "forest with every option, missing values and weights",
      fitRandomForest(awkward, {
        seed: 2 ** 40 + 3,
        treeCount: 20,
        maxDepth: 12,
        minSamplesLeaf: 3,
        featureFraction: 0.5,
        binCount: 40,
        bootstrapFraction: 0.7,
        monotone: [1, -1, 0, 0, 0, 0],
      }),
    ],
    ["boosting", fitGradientBoosting(plain, { seed: 1 })],
    [
      "boosting with every option, missing values and weights",
      fitGradientBoosting(awkward, {
        seed: -7,
        treeCount: 50,
        maxDepth: 6,
        learningRate: 0.3,
        minSamplesLeaf: 4,
        l2: 0.75,
        rowFraction: 0.6,
        featureFraction: 0.7,
        binCount: 64,
        monotone: [1, -1, 0, 0, 0, 0],
      }),
    ],
    [
      "boosting of the absolute loss, stopped early",
      fitGradientBoosting(plain, {
        seed: 1,
        learningRate: 0.5,
        loss: { kind: "absolute" },
        earlyStopping: { validation, patience: 3 },
      }),
    ],
    [
      "boosting of a quantile",
      fitGradientBoosting(awkward, { seed: 1, treeCount: 30, loss: { kind: "quantile", level: 0.9 } }),
    ],
  ]);
}

function arithmeticData(
  rowCount: number,
  columnCount: number,
  isAwkward: boolean,
  seed = columnCount,
): TrainingData {
  const random = createRandom(seed);
  const values = new Float64Array(rowCount * columnCount);
  for (let i = 0; i < values.length; i++) {
    const isMissing = isAwkward && random.nextInt(10) === 0;
    values[i] = isMissing ? Number.NaN : random.nextFloat();
  }
  const at = (row: number, column: number) => values[row * columnCount + column] || 0.5;
  const target = new Float64Array(rowCount).map(
    (_, row) => 8 * at(row, 0) * at(row, 1) + 5 * (at(row, 2) - 0.5) ** 2 + at(row, 3) + random.nextFloat(),
  );
  const features = { rowCount, columnCount, values };
  if (!isAwkward) return { features, target };
  return { features, target, weights: target.map(() => random.nextInt(4) + random.nextFloat()) };
}
