import fc from "fast-check";
import { expect, test } from "vitest";
import { matrixFromRows } from "../matrix.ts";
import { binMatrix } from "./binning.ts";

const column = (values: readonly number[]) => matrixFromRows(values.map((value) => [value]));

test("gives every distinct value its own bin when they fit, with cuts half-way", () => {
  const binned = binMatrix(column([5, 1, 3, 1, 5]), 3);
  expect([...(binned.cuts[0] ?? [])]).toEqual([2, 4, Number.POSITIVE_INFINITY]);
  expect([...binned.codes]).toEqual([2, 0, 1, 0, 2]);
});

test("spreads rows evenly over the bins when there are more values than bins", () => {
  const binned = binMatrix(column(Array.from({ length: 1000 }, (_, i) => i * i)), 10);
  const counts = new Array(10).fill(0);
  for (const code of binned.codes) counts[code]++;
  expect(counts).toEqual(new Array(10).fill(100));
});

test("gives a frequent value a bin of its own", () => {
  const values = [...new Array(500).fill(50), ...Array.from({ length: 500 }, (_, i) => i / 5)];
  const binned = binMatrix(column(values), 16);
  const code = binned.codes[0];
  expect(values.filter((_, row) => binned.codes[row] === code).every((v) => Math.abs(v - 50) < 4)).toBe(true);
});

test("gives missing values the code after the last bin, and an all-missing column one empty bin", () => {
  const binned = binMatrix(
    matrixFromRows([
      [1, Number.NaN],
      [Number.NaN, Number.NaN],
      [2, Number.NaN],
    ]),
    255,
  );
  expect([...binned.codes]).toEqual([0, 2, 1, 1, 1, 1]);
  expect([...binned.hasMissing]).toEqual([1, 1]);
  expect([...binned.histogramOffsets]).toEqual([0, 3, 5]);
});

test("a value is in bin b or lower exactly when it is at most cut b", () => {
  const values = fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 30 }), (numbers, binCount) => {
      const binned = binMatrix(column(numbers), binCount);
      const cuts = [...(binned.cuts[0] ?? [])];
      expect(cuts.length).toBeLessThanOrEqual(binCount);
      for (const [row, value] of numbers.entries()) {
        const code = binned.codes[row] ?? -1;
        for (const [bin, cut] of cuts.entries()) expect(value <= cut).toBe(code <= bin);
      }
    }),
  );
});
