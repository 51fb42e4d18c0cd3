import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainingData } from "../test/arbitraries.ts";
import type { TrainingData } from "./index.ts";
import {
  ForestError,
  fitGradientBoosting,
  fitRandomForest,
  matrixFromRows,
  predictBatch,
  serializeModel,
} from "./index.ts";

const options = { seed: 1, treeCount: 3, minSamplesLeaf: 1 };
const fits = { fitRandomForest, fitGradientBoosting };

const mostlySound = (sound: fc.Arbitrary<number>, ...unsound: number[]) =>
  fc.oneof({ weight: 30, arbitrary: sound }, { weight: 1, arbitrary: fc.constantFrom(...unsound) });
const { NaN: missing, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity, MAX_VALUE } = Number;

/** Training data of which every part may be wrong: lengths, infinities, NaN targets, negative and zero weights. */
const anyTrainingData: fc.Arbitrary<TrainingData> = fc
  .tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 3 }))
  .chain(([rowCount, columnCount]) => {
    const array = (value: fc.Arbitrary<number>, length: number) =>
      mostlySound(fc.constant(length), Math.max(0, length - 1), length + 1)
        .chain((actual) => fc.array(value, { minLength: actual, maxLength: actual }))
        .map((values) => Float64Array.from(values));
    const feature = mostlySound(fc.constantFrom(0, 1, 2, -1e300, missing), infinity, minusInfinity);
    return fc.record(
      {
        features: array(feature, rowCount * columnCount).map((values) => ({ rowCount, columnCount, values })),
        target: array(mostlySound(fc.integer(), missing, infinity, minusInfinity, -MAX_VALUE), rowCount),
        weights: array(mostlySound(fc.constantFrom(0, 1, 0.3), missing, -1, infinity, 1e21), rowCount),
      },
      { requiredKeys: ["features", "target"] },
    );
  });

describe.each(["fitRandomForest", "fitGradientBoosting"] as const)("%s", (name) => {
  const fit = fits[name];

  test("fits sound data to finite predictions and refuses all other with the error that says what is wrong", () => {
    fc.assert(
      fc.property(anyTrainingData, (data) => {
        const faults = faultsOf(data);
        try {
          const predictions = predictBatch(fit(data, options), data.features);
          expect(faults).toEqual([]);
          expect(predictions.every(Number.isFinite)).toBe(true);
        } catch (error) {
          if (!(error instanceof ForestError)) throw error;
          expect(faults).toContain(error.code);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("a constant target is predicted exactly, whatever the features", () => {
    fc.assert(
      fc.property(trainingData, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (data, value) => {
        const model = fit({ ...data, target: data.target.map(() => value) }, options);
        expect(predictBatch(model, data.features).every((prediction) => prediction === value)).toBe(true);
        expect(model.nodeChildren.length).toBe(3);
      }),
    );
  });

  test("one row is predicted exactly", () => {
    fc.assert(
      fc.property(trainingData, ({ features, target }) => {
        const row = { rowCount: 1, columnCount: features.columnCount };
        const first = {
          features: { ...row, values: features.values.slice(0, features.columnCount) },
          target: target.slice(0, 1),
        };
        expect(predictBatch(fit(first, options), first.features)[0] === first.target[0]).toBe(true);
      }),
    );
  });

  test("more bins than rows are as good as one bin per row", () => {
    fc.assert(
      fc.property(trainingData, (data) => {
        const binCount = Math.max(2, data.target.length);
        expect(serializeModel(fit(data, options))).toEqual(
          serializeModel(fit(data, { ...options, binCount })),
        );
      }),
    );
  });

  test("rows of weight 0 change nothing", () => {
    fc.assert(
      fc.property(trainingData, trainingData, fc.nat(), (data, other, place) => {
        const { columnCount } = data.features;
        const weights = data.weights ?? data.target.map(() => 1);
        const at = place % (data.target.length + 1);
        const ignored = Array.from(other.features.values.subarray(0, 4));
        while (ignored.length < columnCount) ignored.push(7);
        const insert = (values: Float64Array, position: number, ...inserted: number[]) =>
          Float64Array.from([...values.subarray(0, position), ...inserted, ...values.subarray(position)]);
        const padded = {
          features: {
            rowCount: data.target.length + 1,
            columnCount,
            values: insert(data.features.values, at * columnCount, ...ignored.slice(0, columnCount)),
          },
          target: insert(data.target, at, 1e90),
          weights: insert(weights, at, 0),
        };
        const expected = fit({ ...data, weights }, options);
        expect(serializeModel(fit(padded, options))).toEqual(serializeModel(expected));
      }),
    );
  });
});

test("rows of different lengths make no matrix", () => {
  const rows = fc.array(fc.array(fc.double(), { maxLength: 3 }), { maxLength: 5 });
  fc.assert(
    fc.property(rows, (candidate) => {
      const lengths = new Set(candidate.map((row) => row.length));
      const make = () => matrixFromRows(candidate);
      if ((candidate[0] ?? []).length === 0) {
        expect(make).toThrow(expect.objectContaining({ code: "EMPTY_DATA" }));
      } else if (lengths.size > 1) {
        expect(make).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
      } else {
        expect([...make().values]).toEqual(candidate.flat());
      }
    }),
  );
});

/** Every code that a refusal of this data may have; none for sound data. Says independently what TrainingData says. */
function faultsOf({ features, target, weights }: TrainingData): string[] {
  const { rowCount, columnCount, values } = features;
  const faults: string[] = [];
  if (rowCount === 0 || columnCount === 0) faults.push("EMPTY_DATA");
  if (weights?.every((weight) => weight === 0)) faults.push("EMPTY_DATA");
  const lengths = [values.length / columnCount, target.length, weights?.length ?? rowCount];
  if (lengths.some((length) => length !== rowCount)) faults.push("SHAPE_MISMATCH");
  const isBad =
    values.some((value) => Math.abs(value) === infinity) ||
    target.some((value) => !(Math.abs(value) <= 1e100)) ||
    weights?.some((weight) => !(weight >= 0 && weight <= 1e20));
  if (isBad) faults.push("NOT_FINITE");
  return faults;
}
