import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { friedmanData } from "../test/sample-data.ts";
import {
  binFeatures,
  fitGradientBoosting,
  fitRandomForest,
  matrixFromRows,
  serializeModel,
} from "./index.ts";

const data = friedmanData(300, 1);
const { rowCount, columnCount, values } = data.features;
const anyRows = fc.uniqueArray(fc.nat({ max: rowCount - 1 }), { minLength: 1, maxLength: 80 });

describe.each([
  ["fitRandomForest", fitRandomForest],
  ["fitGradientBoosting", fitGradientBoosting],
] as const)("%s", (_name, fit) => {
  it("fits the same model, to the last byte, on features that were binned before, and on some rows of them", () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 2, max: 255 }), (rows, binCount) => {
        const target = Float64Array.from(rows, (row) => data.target[row] ?? Number.NaN);
        const copied = matrixFromRows(
          rows.map((row) => [...values.subarray(row * columnCount, (row + 1) * columnCount)]),
        );
        const options = { seed: 1, treeCount: 3, minSamplesLeaf: 2, rowFraction: 0.6 };
        const expected = fit({ features: copied, target }, { ...options, binCount });
        const features = binFeatures(data.features, { rows, binCount });
        expect(serializeModel(fit({ features, target }, options))).toEqual(serializeModel(expected));
      }),
      { numRuns: 60 },
    );
  });

  it("refuses bins of another number of rows than there are targets", () => {
    const features = binFeatures(data.features, { rows: [0, 1] });
    expect(() => fit({ features, target: data.target }, { seed: 1 })).toThrow(/target has 300 values/);
  });
});

it("refuses rows that do not exist, infinite values and no rows at all", () => {
  for (const row of [-1, rowCount, 0.5, Number.NaN]) {
    expect(() => binFeatures(data.features, { rows: [row] })).toThrow(
      `there is no row ${row}, of ${rowCount}`,
    );
  }
  expect(() => binFeatures(matrixFromRows([[Number.POSITIVE_INFINITY]]))).toThrow(
    /feature 0 of row 0 is Infinity/,
  );
  const none = binFeatures(data.features, { rows: [] });
  expect(() => fitRandomForest({ features: none, target: new Float64Array(0) }, { seed: 1 })).toThrow(
    /at least one row/,
  );
});
