import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainingData } from "../test/arbitraries.ts";
import {
  dataFromRows,
  friedmanData,
  mean,
  rootMeanSquaredError,
  standardDeviation,
} from "../test/sample-data.ts";
import type { BoostingLoss } from "./index.ts";
import { fitGradientBoosting, matrixFromRows, predictBatch, predictRow, serializeModel } from "./index.ts";

const training = friedmanData(2000, 1);
const held = friedmanData(2000, 2);
/** One stump that fits its training data as well as a stump can. */
const stump = { seed: 1, treeCount: 1, maxDepth: 1, learningRate: 1, minSamplesLeaf: 1 };

describe("on Friedman #1 with noise 1", () => {
  test("is far better than predicting the mean, and near the noise", () => {
    const predictions = predictBatch(fitGradientBoosting(training, { seed: 1 }), held.features);
    expect(standardDeviation(held.target)).toBeGreaterThan(4.5);
    expect(rootMeanSquaredError(predictions, held.target)).toBeLessThan(1.4);
  });

  test("the absolute loss is not moved by wild outliers", () => {
    const target = training.target.map((value, row) => (row % 20 === 0 ? 1e6 : value));
    const robust = fitGradientBoosting({ ...training, target }, { seed: 1, loss: { kind: "absolute" } });
    expect(rootMeanSquaredError(predictBatch(robust, held.features), held.target)).toBeLessThan(2);
  });

  test.each([0.1, 0.5, 0.9])(
    "about %d of new targets lie below the predicted quantile of that level",
    (level) => {
      const model = fitGradientBoosting(training, {
        seed: 1,
        minSamplesLeaf: 60,
        loss: { kind: "quantile", level },
      });
      const predictions = predictBatch(model, held.features);
      const below = held.target.map((value, row) => Number(value <= (predictions[row] ?? Number.NaN)));
      expect(Math.abs(mean(below) - level)).toBeLessThan(0.06);
    },
  );

  test("early stopping keeps the best number of trees and beats the overfitted model", () => {
    const noisy = friedmanData(200, 3);
    const options = { seed: 1, treeCount: 500, minSamplesLeaf: 5, learningRate: 0.3 };
    const stopped = fitGradientBoosting(noisy, {
      ...options,
      earlyStopping: { validation: held, patience: 20 },
    });
    const full = fitGradientBoosting(noisy, options);
    const error = (model: typeof full) =>
      rootMeanSquaredError(predictBatch(model, held.features), held.target);
    expect(stopped.treeCount).toBeGreaterThan(5);
    expect(stopped.treeCount).toBeLessThan(100);
    expect(error(stopped)).toBeLessThan(error(full));
    const truncated = fitGradientBoosting(noisy, { ...options, treeCount: stopped.treeCount });
    expect(serializeModel(stopped)).toEqual(serializeModel(truncated));
  });

  test("row and feature fractions still learn, reproducibly", () => {
    const options = { seed: 4, rowFraction: 0.5, featureFraction: 0.6 };
    const model = fitGradientBoosting(training, options);
    expect(rootMeanSquaredError(predictBatch(model, held.features), held.target)).toBeLessThan(1.6);
    expect(serializeModel(fitGradientBoosting(training, options))).toEqual(serializeModel(model));
  });
});

test("a stump finds the split with the least squared error, as found by trying all", () => {
  const value = fc.integer({ min: -5, max: 5 });
  const rows = fc.array(fc.tuple(value, value, fc.integer({ min: -50, max: 50 })), {
    minLength: 2,
    maxLength: 30,
  });
  fc.assert(
    fc.property(rows, (triples) => {
      const features = triples.map(([a, b]) => [a, b]);
      const target = triples.map(([, , y]) => y);
      const data = dataFromRows(features, target);
      const model = fitGradientBoosting(data, stump);
      const error = rootMeanSquaredError(predictBatch(model, data.features), data.target);
      expect(error).toBeCloseTo(leastStumpError(features, target), 8);
    }),
  );
});

test("a row of weight k counts as k rows", () => {
  const rows = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer(), fc.integer({ min: 1, max: 4 })),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  const losses: BoostingLoss[] = [
    { kind: "squared" },
    { kind: "absolute" },
    { kind: "quantile", level: 0.25 },
  ];
  fc.assert(
    fc.property(rows, fc.constantFrom(...losses), (triples, loss) => {
      const plain = dataFromRows(
        triples.map(([x]) => [x]),
        triples.map(([, y]) => y),
      );
      const weighted = { ...plain, weights: Float64Array.from(triples, ([, , weight]) => weight) };
      const copies = triples.flatMap((triple) => new Array<typeof triple>(triple[2]).fill(triple));
      const repeated = dataFromRows(
        copies.map(([x]) => [x]),
        copies.map(([, y]) => y),
      );
      const options = { ...stump, loss };
      const a = predictBatch(fitGradientBoosting(weighted, options), plain.features);
      const b = predictBatch(fitGradientBoosting(repeated, options), plain.features);
      for (const [row, prediction] of a.entries()) expect(prediction / (b[row] ?? 0) || 1).toBeCloseTo(1, 6);
    }),
  );
});

test("permuting the columns changes nothing but the column numbers", () => {
  const swapped = {
    ...training,
    features: matrixFromRows(rowsOf(training.features.values).map((row) => row.toReversed())),
  };
  const model = fitGradientBoosting(training, { seed: 1 });
  const mirrored = fitGradientBoosting(swapped, { seed: 1 });
  expect(predictBatch(mirrored, swapped.features)).toEqual(predictBatch(model, training.features));
});

test("sends missing values where the training targets say", () => {
  const rows = [...new Array(30).fill([Number.NaN]), ...Array.from({ length: 60 }, (_, i) => [i])];
  const high = dataFromRows(
    rows,
    rows.map(([x]) => (Number.isNaN(x) || x >= 30 ? 10 : 0)),
  );
  const low = dataFromRows(
    rows,
    rows.map(([x]) => (Number.isNaN(x) || x < 30 ? 0 : 10)),
  );
  const alone = dataFromRows(
    rows,
    rows.map(([x]) => (Number.isNaN(x) ? 10 : 0)),
  );
  expect(predictRow(fitGradientBoosting(high, stump), [Number.NaN])).toBeCloseTo(10);
  expect(predictRow(fitGradientBoosting(low, stump), [Number.NaN])).toBeCloseTo(0);
  expect(predictRow(fitGradientBoosting(alone, stump), [Number.NaN])).toBeCloseTo(10);
  expect(predictRow(fitGradientBoosting(alone, stump), [1e300])).toBeCloseTo(0);
});

test("a value missing only at prediction goes to the heavier side", () => {
  const rows = Array.from({ length: 100 }, (_, i) => [i]);
  const data = dataFromRows(
    rows,
    rows.map(([x = 0]) => (x < 70 ? 1 : 5)),
  );
  expect(predictRow(fitGradientBoosting(data, stump), [Number.NaN])).toBeCloseTo(1);
});

describe.each<BoostingLoss>([{ kind: "squared" }, { kind: "absolute" }, { kind: "quantile", level: 0.8 }])(
  "with loss %o",
  (loss) => {
    test("falls and rises only as the monotone option allows", () => {
      const data = friedmanData(500, 1);
      const noisy = { ...data, target: data.target.map((value, row) => value + (row % 7)) };
      const model = fitGradientBoosting(noisy, {
        seed: 1,
        loss,
        treeCount: 40,
        minSamplesLeaf: 3,
        monotone: [0, 0, 0, 1, -1],
      });
      const unit = fc.double({ min: 0, max: 1, noNaN: true });
      fc.assert(
        fc.property(fc.array(unit, { minLength: 5, maxLength: 5 }), unit, unit, (row, a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(predictRow(model, row.with(3, low))).toBeLessThanOrEqual(
            predictRow(model, row.with(3, high)),
          );
          expect(predictRow(model, row.with(4, high))).toBeLessThanOrEqual(
            predictRow(model, row.with(4, low)),
          );
        }),
      );
    });

    test("fits any data to finite predictions, the same each time", () => {
      fc.assert(
        fc.property(trainingData, (data) => {
          const options = { seed: 2, loss, treeCount: 4, minSamplesLeaf: 1, rowFraction: 0.7, l2: 0.5 };
          const model = fitGradientBoosting(data, options);
          expect(predictBatch(model, data.features).every(Number.isFinite)).toBe(true);
          expect(serializeModel(fitGradientBoosting(data, options))).toEqual(serializeModel(model));
        }),
      );
    });

    test("predicts a constant target exactly, from single leaves", () => {
      const data = dataFromRows([[1], [2], [3]], [0.1, 0.1, 0.1]);
      const model = fitGradientBoosting(data, { seed: 1, loss, minSamplesLeaf: 1 });
      expect(model.nodeChildren.length).toBe(100);
      expect(predictRow(model, [2])).toBe(0.1);
    });
  },
);

test.each([
  { loss: { kind: "quantile", level: 1 } as const },
  { learningRate: 0 },
  { l2: -1 },
  { rowFraction: 2 },
  { earlyStopping: { validation: held, patience: 0 } },
])("refuses the options %o", (options) => {
  expect(() => fitGradientBoosting(training, { seed: 1, ...options })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION" }),
  );
});

function rowsOf(values: Float64Array): number[][] {
  return Array.from({ length: values.length / 5 }, (_, row) => [...values.subarray(row * 5, row * 5 + 5)]);
}

function leastStumpError(rows: readonly number[][], target: readonly number[]): number {
  const squaredError = (side: readonly number[]) => {
    const middle = side.reduce((sum, y) => sum + y, 0) / side.length;
    return side.reduce((sum, y) => sum + (y - middle) ** 2, 0);
  };
  let least = squaredError(target);
  for (const column of [0, 1]) {
    for (const row of rows) {
      const goesLeft = rows.map((other) => (other[column] ?? 0) <= (row[column] ?? 0));
      const left = target.filter((_, index) => goesLeft[index]);
      const right = target.filter((_, index) => !goesLeft[index]);
      if (right.length > 0) least = Math.min(least, squaredError(left) + squaredError(right));
    }
  }
  return Math.sqrt(least / target.length);
}
