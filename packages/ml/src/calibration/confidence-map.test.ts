import fc from "fast-check";
import { expect, it } from "vitest";
import { confidenceKnots, correctedConfidence } from "./confidence-map.ts";

const pairs = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), {
  minLength: 0,
  maxLength: 2500,
  size: "max",
});

it("never turns a higher raw confidence into a lower one, and stays a probability below 1", () => {
  fc.assert(
    fc.property(pairs, fc.double({ min: 0, max: 1, noNaN: true }), (past, probe) => {
      const knots = confidenceKnots(
        Float64Array.from(past, ([raw]) => raw),
        Float64Array.from(past, ([, hit]) => Number(hit)),
      );
      if (past.length < 1000) expect(knots).toEqual([]);
      const [low, high] = [probe / 2, probe].map((raw) => correctedConfidence(knots, raw));
      expect(low).toBeLessThanOrEqual((high ?? Number.NaN) + 1e-12);
      expect(low).toBeGreaterThanOrEqual(0);
      if (knots.length > 0) expect(high).toBeLessThan(1);
    }),
    { numRuns: 50 },
  );
});

it("corrects overconfidence to the observed frequency", () => {
  const n = 2000;
  const raw = Float64Array.from({ length: n }, (_unused, index) => (index % 2 === 0 ? 0.9 : 0.5));
  // Of the confident half 7 in 10 come true, of the other half 5 in 10.
  const within = raw.map((value, index) => ((index >> 1) % 10 < (value === 0.9 ? 7 : 5) ? 1 : 0));
  const knots = confidenceKnots(raw, within);
  expect(correctedConfidence(knots, 0.9)).toBeCloseTo(0.7, 2);
  expect(correctedConfidence(knots, 0.5)).toBeCloseTo(0.5, 2);
  expect(correctedConfidence(knots, 0.1)).toBeCloseTo(0.5, 2);
});

it("serves the raw confidence where there is too little to correct it by", () => {
  expect(correctedConfidence([], 0.37)).toBe(0.37);
});
