import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainingData } from "../test/arbitraries.ts";
import { dataFromRows, friedmanData, rootMeanSquaredError, standardDeviation } from "../test/sample-data.ts";
import {
  fitRandomForest,
  fitRandomForestWithOutOfBag,
  matrixFromRows,
  predictBatch,
  predictRow,
  serializeModel,
} from "./index.ts";

const small = { seed: 5, treeCount: 5, maxDepth: 6 };

describe("accuracy on Friedman #1 with noise 1", () => {
  const training = friedmanData(2000, 1);
  const test2 = friedmanData(2000, 2);
  const { model, outOfBagPredictions } = fitRandomForestWithOutOfBag(training, { seed: 3 });
  const error = rootMeanSquaredError(predictBatch(model, test2.features), test2.target);

  test("is far better than predicting the mean", () => {
    expect(standardDeviation(test2.target)).toBeGreaterThan(4.5);
    expect(error).toBeLessThan(1.9);
  });

  test("is estimated by the out-of-bag predictions to within 10 %", () => {
    const estimate = rootMeanSquaredError(outOfBagPredictions, training.target);
    expect(Math.abs(estimate / error - 1)).toBeLessThan(0.1);
  });

  test("asking for out-of-bag predictions does not change the model", () => {
    expect(serializeModel(fitRandomForest(training, { seed: 3 }))).toEqual(serializeModel(model));
  });
});

test("gives the same bytes for the same data, options and seed, and others for another seed", () => {
  const data = friedmanData(300, 1);
  const bytes = serializeModel(fitRandomForest(data, { ...small, featureFraction: 0.5 }));
  expect(serializeModel(fitRandomForest(data, { ...small, featureFraction: 0.5 }))).toEqual(bytes);
  expect(serializeModel(fitRandomForest(data, { ...small, featureFraction: 0.5, seed: 6 }))).not.toEqual(
    bytes,
  );
});

test("predicts within the range of the target, for any data and any row", () => {
  const anyRow = fc.array(fc.double(), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(trainingData, anyRow, (data, row) => {
      const model = fitRandomForest(data, small);
      const value = predictRow(model, row.slice(0, data.features.columnCount));
      expect(value).toBeGreaterThanOrEqual(Math.min(...data.target));
      expect(value).toBeLessThanOrEqual(Math.max(...data.target));
    }),
  );
});

test("does not change its input", () => {
  fc.assert(
    fc.property(trainingData, (data) => {
      const before = structuredClone(data);
      fitRandomForest(data, { ...small, featureFraction: 0.5 });
      expect(data).toEqual(before);
    }),
    { numRuns: 30 },
  );
});

test("one row and a constant target give single leaves that predict them exactly", () => {
  const oneRow = fitRandomForest(dataFromRows([[1, 2]], [0.1]), small);
  expect(oneRow.nodeChildren.length).toBe(5);
  expect(predictRow(oneRow, [9, 9])).toBe(0.1);
  const constant = fitRandomForest(dataFromRows([[1], [2], [3]], [0.1, 0.1, 0.1]), small);
  expect(constant.nodeChildren.length).toBe(5);
  expect(predictRow(constant, [2])).toBe(0.1);
});

test("splits no pure node, however far its value is from the mean", () => {
  const rows = Array.from({ length: 100 }, (_, i) => [i]);
  const data = dataFromRows(
    rows,
    rows.map(([x = 0]) => (x < 30 ? 0.1 : 1e9 / 3)),
  );
  const model = fitRandomForest(data, { ...small, treeCount: 20 });
  expect(model.nodeChildren.length).toBe(20 * 3);
});

test("keeps at least minSamplesLeaf draws in each leaf", () => {
  const model = fitRandomForest(friedmanData(100, 1), { seed: 1, treeCount: 20, minSamplesLeaf: 40 });
  // 100 draws leave room for at most two leaves of 40.
  expect(model.nodeChildren.length).toBeLessThanOrEqual(20 * 3);
  expect(model.nodeChildren.length).toBeGreaterThan(20);
});

test("falls and rises only as the monotone option allows", () => {
  const data = friedmanData(400, 1);
  const noisy = { ...data, target: data.target.map((value, row) => value + (row % 7)) };
  const monotone = [0, 0, 0, 1, -1] as const;
  const model = fitRandomForest(noisy, { seed: 1, treeCount: 20, monotone });
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(unit, { minLength: 5, maxLength: 5 }), unit, unit, (row, a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(predictRow(model, row.with(3, low))).toBeLessThanOrEqual(predictRow(model, row.with(3, high)));
      expect(predictRow(model, row.with(4, low))).toBeGreaterThanOrEqual(
        predictRow(model, row.with(4, high)),
      );
    }),
  );
});

test("ignores rows of weight 0", () => {
  const data = friedmanData(200, 1);
  const target = data.target.map((value, row) => (row < 150 ? value : 1e6));
  const weights = new Float64Array(200).fill(1, 0, 150);
  const weighted = fitRandomForestWithOutOfBag({ ...data, target, weights }, small);
  expect(Math.max(...predictBatch(weighted.model, data.features))).toBeLessThan(100);
  expect(weighted.outOfBagPredictions.subarray(150).every(Number.isNaN)).toBe(true);
});

test("reports progress after every tree", () => {
  const calls: string[] = [];
  const onProgress = (done: number, count: number) => calls.push(`${done}/${count}`);
  fitRandomForest(friedmanData(20, 1), { ...small, treeCount: 3, onProgress });
  expect(calls).toEqual(["1/3", "2/3", "3/3"]);
});

describe("refuses", () => {
  const good = dataFromRows([[1], [2]], [1, 2]);
  test.each([
    [
      "no rows",
      { ...good, features: { rowCount: 0, columnCount: 1, values: new Float64Array() } },
      "EMPTY_DATA",
    ],
    ["a short target", { ...good, target: Float64Array.of(1) }, "SHAPE_MISMATCH"],
    ["a wrong size", { ...good, features: { ...good.features, columnCount: 2 } }, "SHAPE_MISMATCH"],
    ["a NaN target", { ...good, target: Float64Array.of(1, Number.NaN) }, "NOT_FINITE"],
    ["an infinite feature", dataFromRows([[1], [-Infinity]], [1, 2]), "NOT_FINITE"],
    ["a negative weight", { ...good, weights: Float64Array.of(1, -1) }, "NOT_FINITE"],
    ["short weights", { ...good, weights: Float64Array.of(1) }, "SHAPE_MISMATCH"],
    ["weights all 0", { ...good, weights: Float64Array.of(0, 0) }, "EMPTY_DATA"],
  ])("%s", (_, data, code) => {
    expect(() => fitRandomForest(data, small)).toThrow(
      expect.objectContaining({ name: "ForestError", code }),
    );
  });

  test.each([
    { seed: 0.5 },
    { treeCount: 0 },
    { treeCount: Number.NaN },
    { maxDepth: -1 },
    { minSamplesLeaf: 0 },
    { featureFraction: 0 },
    { featureFraction: 1.1 },
    { binCount: 256 },
    { binCount: 1 },
    { bootstrapFraction: Number.NaN },
    { monotone: [1, 1] as const },
  ])("the options %o", (options) => {
    expect(() => fitRandomForest(good, { ...small, ...options })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
  });

  test("ragged and empty rows", () => {
    expect(() => matrixFromRows([[1], [1, 2]])).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
    expect(() => matrixFromRows([])).toThrow(expect.objectContaining({ code: "EMPTY_DATA" }));
    expect(() => matrixFromRows([[]])).toThrow(expect.objectContaining({ code: "EMPTY_DATA" }));
  });
});
