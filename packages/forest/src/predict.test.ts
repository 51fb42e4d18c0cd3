import fc from "fast-check";
import { expect, test } from "vitest";
import { trainingData } from "../test/arbitraries.ts";
import { friedmanData } from "../test/sample-data.ts";
import { fitGradientBoosting, fitRandomForest, predictBatch, predictRow } from "./index.ts";

const data = friedmanData(300, 1);
const forest = fitRandomForest(data, { seed: 1, treeCount: 10 });

test("rows and batches agree to the last bit, missing values included", () => {
  fc.assert(
    fc.property(trainingData, fc.boolean(), (sample, isForest) => {
      const options = { seed: 1, treeCount: 6, maxDepth: 5, minSamplesLeaf: 1 };
      const model = isForest ? fitRandomForest(sample, options) : fitGradientBoosting(sample, options);
      const batch = predictBatch(model, sample.features);
      const { columnCount, rowCount, values } = sample.features;
      for (let row = 0; row < rowCount; row++) {
        const slice = values.subarray(row * columnCount, (row + 1) * columnCount);
        expect(predictRow(model, slice)).toBe(batch[row]);
        expect(predictRow(model, [...slice])).toBe(batch[row]);
      }
    }),
  );
});

test("rows and batches agree on large batches of every model shape", () => {
  const big = friedmanData(3000, 2);
  const values = big.features.values.map((value, i) => (i % 97 === 0 ? Number.NaN : value));
  const features = { ...big.features, values };
  for (const maxDepth of [0, 1, 3, 5, 6, 12]) {
    const complete = fitRandomForest(big, { seed: 1, treeCount: 7, maxDepth });
    const completeRows = big.target.map((_, row) =>
      predictRow(complete, big.features.values.subarray(row * 5, row * 5 + 5)),
    );
    expect(predictBatch(complete, big.features)).toEqual(completeRows);
    for (const fit of [fitRandomForest, fitGradientBoosting]) {
      const model = fit({ ...big, features }, { seed: 1, treeCount: 7, maxDepth, minSamplesLeaf: 2 });
      const batch = predictBatch(model, features);
      const rows = batch.map((_, row) => predictRow(model, values.subarray(row * 5, row * 5 + 5)));
      expect(batch).toEqual(rows);
    }
  }
});

test("large batches agree with rows for every number of columns, and more trees than one pass of masks", () => {
  for (const columnCount of [1, 2, 4, 5, 6, 9, 16, 17]) {
    const sample = friedmanData(2100, 3, columnCount);
    const values = sample.features.values.map((value, i) => (i % 89 === 0 ? Number.NaN : value));
    const features = { ...sample.features, values };
    const model = fitGradientBoosting({ ...sample, features }, { seed: 1, treeCount: 70, minSamplesLeaf: 1 });
    const rows = sample.target.map((_, row) =>
      predictRow(model, values.subarray(row * columnCount, (row + 1) * columnCount)),
    );
    expect(predictBatch(model, features)).toEqual(rows);
  }
});

test("accepts infinities, which compare as usual", () => {
  const row = [0.5, 0.5, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expect(predictRow(forest, row)).toBe(predictRow(forest, [0.5, 0.5, 0.5, 1e300, -1e300]));
});

test("writes into the given output", () => {
  const output = new Float64Array(300).fill(7);
  expect(predictBatch(forest, data.features, output)).toBe(output);
  expect(output).toEqual(predictBatch(forest, data.features));
});

test("refuses rows, matrices and outputs of another size", () => {
  const mismatch = expect.objectContaining({ code: "SHAPE_MISMATCH" });
  expect(() => predictRow(forest, [1, 2, 3, 4])).toThrow(mismatch);
  expect(() => predictBatch(forest, friedmanData(5, 1, 6).features)).toThrow(mismatch);
  expect(() => predictBatch(forest, { ...data.features, rowCount: 299 })).toThrow(mismatch);
  expect(() => predictBatch(forest, data.features, new Float64Array(299))).toThrow(mismatch);
});
