import fc from "fast-check";
import type { TrainingData } from "../src/index.ts";
import { matrixFromRows } from "../src/index.ts";

const featureValue = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(Number.NaN),
);

/** Small awkward training sets: ties, missing values, huge and tiny numbers, sometimes weights. */
export const trainingData: fc.Arbitrary<TrainingData> = fc
  .record({ rowCount: fc.integer({ min: 1, max: 40 }), columnCount: fc.integer({ min: 1, max: 4 }) })
  .chain(({ rowCount, columnCount }) =>
    fc.record({
      rows: fc.array(fc.array(featureValue, { minLength: columnCount, maxLength: columnCount }), {
        minLength: rowCount,
        maxLength: rowCount,
      }),
      target: fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
        minLength: rowCount,
        maxLength: rowCount,
      }),
      weights: fc.option(
        fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), {
          minLength: rowCount,
          maxLength: rowCount,
        }),
      ),
    }),
  )
  .map(({ rows, target, weights }) => ({
    features: matrixFromRows(rows),
    target: Float64Array.from(target),
    ...(weights === null ? {} : { weights: Float64Array.from(weights) }),
  }));
