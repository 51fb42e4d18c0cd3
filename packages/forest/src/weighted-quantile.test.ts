import fc from "fast-check";
import { expect, test } from "vitest";
import { weightedQuantile } from "./weighted-quantile.ts";

test("is the middle of the two middle values for the median of an even number of values", () => {
  expect(weightedQuantile({ values: Float64Array.of(4, 1, 3, 2), weights: undefined, length: 4 }, 0.5)).toBe(
    2.5,
  );
});

test("agrees with sorting and adding up weights", () => {
  const entries = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 30,
  });
  // Levels in sixteenths and integer weights keep both sums exact.
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 15 }), (pairs, sixteenths) => {
      const level = sixteenths / 16;
      const values = Float64Array.from(pairs, ([value]) => value);
      const weights = Float64Array.from(pairs, ([, weight]) => weight);
      const repeated = pairs.flatMap(([value, weight]) => new Array<number>(weight).fill(value));
      const expected = quantileBySorting(repeated, level);
      expect(weightedQuantile({ values: values.slice(), weights, length: values.length }, level)).toBe(
        expected,
      );
      const unweighted = { values: Float64Array.from(repeated), weights: undefined, length: repeated.length };
      expect(weightedQuantile(unweighted, level)).toBe(expected);
    }),
  );
});

function quantileBySorting(values: number[], level: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = level * sorted.length;
  const value = sorted[Math.ceil(rank) - 1] ?? Number.NaN;
  return Number.isInteger(rank) ? (value + (sorted[rank] ?? value)) / 2 : value;
}
