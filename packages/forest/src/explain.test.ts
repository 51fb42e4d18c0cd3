import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainingData } from "../test/arbitraries.ts";
import { shapleyValues } from "../test/brute-force-shapley.ts";
import { dataFromRows, friedmanData, mean } from "../test/sample-data.ts";
import type { ForestModel } from "./index.ts";
import {
  deserializeModel,
  explainRow,
  fitGradientBoosting,
  fitRandomForest,
  predictBatch,
  predictRow,
  serializeModel,
} from "./index.ts";

const anyRow = fc.array(
  fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ noNaN: true }), fc.constant(Number.NaN)),
  { minLength: 4, maxLength: 4 },
);

const fits = {
  forest: (data: Parameters<typeof fitRandomForest>[0]) =>
    fitRandomForest(data, { seed: 1, treeCount: 3, maxDepth: 6, featureFraction: 0.6 }),
  boosting: (data: Parameters<typeof fitRandomForest>[0]) =>
    fitGradientBoosting(data, { seed: 1, treeCount: 3, maxDepth: 4, minSamplesLeaf: 1, rowFraction: 0.8 }),
};

describe.each(["forest", "boosting"] as const)(
  "for %s on any data, missing values and weights included",
  (kind) => {
    test("contributions are the Shapley values, as found by trying all coalitions", () => {
      fc.assert(
        fc.property(trainingData, anyRow, (data, values) => {
          const model = fits[kind](data);
          const row = values.slice(0, model.columnCount);
          const { expectation, contributions } = explainRow(model, row);
          const expected = shapleyValues(model, row);
          const tolerance = 1e-9 * scaleOf(data.target);
          expect(Math.abs(expectation - expected.expectation)).toBeLessThanOrEqual(tolerance);
          for (const [column, value] of contributions.entries()) {
            expect(Math.abs(value - (expected.contributions[column] ?? 0))).toBeLessThanOrEqual(tolerance);
          }
        }),
      );
    });

    test("contributions sum to prediction minus expectation within 1e-9", () => {
      fc.assert(
        fc.property(trainingData, anyRow, (data, values) => {
          const model = fits[kind](data);
          expectToAddUp(model, values.slice(0, model.columnCount), scaleOf(data.target));
        }),
      );
    });
  },
);

test("contributions sum to prediction minus expectation within 1e-9 for a hundred deep trees", () => {
  const data = friedmanData(2000, 1, 10);
  const values = data.features.values.map((value, i) => (i % 11 === 0 ? Number.NaN : value));
  const features = { ...data.features, values };
  for (const model of [
    fitRandomForest({ ...data, features }, { seed: 1, maxDepth: 30 }),
    fitGradientBoosting({ ...data, features }, { seed: 1, maxDepth: 8, minSamplesLeaf: 1 }),
  ]) {
    for (let row = 0; row < 5; row++) expectToAddUp(model, [...values.subarray(row * 10, row * 10 + 10)], 1);
  }
});

test("stays exact on a path of 200 different columns and on splits that almost no weight passes", () => {
  const columnCount = 200;
  const rows = Array.from({ length: columnCount + 1 }, (_, row) =>
    Array.from({ length: columnCount }, (_, column) => Number(column < row)),
  );
  const data = dataFromRows(
    rows,
    rows.map((_, row) => 1.1 ** row % 7),
  );
  const weights = data.target.map((_, row) => 10 ** -(row % 20));
  const model = fitGradientBoosting(
    { ...data, weights },
    { seed: 1, treeCount: 2, maxDepth: 250, minSamplesLeaf: 1, learningRate: 1 },
  );
  for (const row of rows) expectToAddUp(model, row, 10);
});

test("the expectation is the mean prediction of the training rows when every row trains every tree", () => {
  const data = friedmanData(500, 1);
  const weights = data.target.map((_, row) => 1 + (row % 3));
  const model = fitGradientBoosting({ ...data, weights }, { seed: 1 });
  const predictions = predictBatch(model, data.features);
  const expected = mean(predictions.map((value, row) => value * (weights[row] ?? 0))) / mean(weights);
  expect(explainRow(model, [0, 0, 0, 0, 0]).expectation).toBeCloseTo(expected, 9);
});

test("a column that no tree uses contributes exactly nothing, and a tree of one leaf explains nothing", () => {
  const rows = Array.from({ length: 60 }, (_, row) => [row, 7]);
  const model = fitGradientBoosting(
    dataFromRows(
      rows,
      rows.map(([x = 0]) => x % 5),
    ),
    { seed: 1, minSamplesLeaf: 2 },
  );
  expect(explainRow(model, [3, 7]).contributions[1]).toBe(0);
  const constant = fitRandomForest(dataFromRows(rows, new Array(60).fill(0.1)), { seed: 1 });
  expect(explainRow(constant, [3, 7])).toEqual({ expectation: 0.1, contributions: Float64Array.of(0, 0) });
});

test("a model read back explains exactly the same", () => {
  fc.assert(
    fc.property(trainingData, anyRow, (data, values) => {
      const model = fits.forest(data);
      const row = values.slice(0, model.columnCount);
      expect(explainRow(deserializeModel(serializeModel(model)), row)).toEqual(explainRow(model, row));
    }),
  );
});

test("refuses a row of another length", () => {
  const model = fits.forest(friedmanData(50, 1));
  expect(() => explainRow(model, [1, 2])).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
});

function expectToAddUp(model: ForestModel, row: readonly number[], scale: number): void {
  const { expectation, contributions } = explainRow(model, row);
  const sum = contributions.reduce((total, value) => total + value, 0);
  expect(Math.abs(predictRow(model, row) - expectation - sum)).toBeLessThanOrEqual(1e-9 * scale);
}

/** The size of the numbers that are added up; targets may be up to a million. */
function scaleOf(target: Float64Array): number {
  return target.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
}
