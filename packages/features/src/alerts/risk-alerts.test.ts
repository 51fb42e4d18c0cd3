import fc from "fast-check";
import { expect, it } from "vitest";
import { decideRisk } from "./risk-alerts.ts";

/** Scores of one protocol as they come, and at which of them its owner is told. */
function tellOf(scores: readonly number[], thresholds: (index: number) => number): number[] {
  const told = new Map<string, number>();
  return scores.flatMap((risk_score, index) => {
    const threshold = thresholds(index);
    const { rising, fallen } = decideRisk([{ protocol: "vesu", risk_score }], {
      threshold,
      told: [...told].map(([protocol, above]) => ({ protocol, threshold: above })),
    });
    for (const protocol of fallen) told.delete(protocol);
    for (const { protocol } of rising) told.set(protocol, threshold);
    return rising.length > 0 ? [index] : [];
  });
}

const at = (threshold: number) => () => threshold;

it("tells of a rise once, however the score wavers about the threshold, and of the next one after it was 5 points below", () => {
  expect(tellOf([59, 60, 60.1, 62, 59, 61, 55.1, 61, 55, 61, 61], at(60))).toEqual([2, 9]);
});

it("tells of what is above from the beginning, and of nothing with a threshold of 100", () => {
  expect(tellOf([80, 81], at(60))).toEqual([0]);
  expect(tellOf([99, 100, 100], at(100))).toEqual([]);
});

it("can tell again with a threshold below 5", () => {
  expect(tellOf([4, 0, 4], at(3))).toEqual([0, 2]);
});

it("tells of what rises above a threshold that was raised, and not again of what is above a lower one", () => {
  expect(tellOf([50, 50, 65], (index) => (index === 0 ? 40 : 60))).toEqual([0, 2]);
  expect(tellOf([65, 65, 66], (index) => (index === 0 ? 60 : 40))).toEqual([0]);
});

it("tells only above the threshold, and never twice without a score 5 points below in between", () => {
  const scores = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 100 }), (given, threshold) => {
      const told = tellOf(given, at(threshold));
      for (const index of told) expect(given[index]).toBeGreaterThan(threshold);
      for (const [place, index] of told.slice(1).entries()) {
        const between = given.slice(told[place], index);
        expect(Math.min(...between)).toBeLessThanOrEqual(Math.max(0, threshold - 5));
      }
    }),
  );
});
