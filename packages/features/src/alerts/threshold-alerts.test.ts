import fc from "fast-check";
import { expect, it } from "vitest";
import {
  decideThreshold,
  illiquidityRule,
  riskRule,
  type ThresholdRule,
  yieldRule,
} from "./threshold-alerts.ts";

/** Figures of one protocol as they come, and at which of them its owner is told. */
function tellOf(
  values: readonly number[],
  thresholds: (index: number) => number,
  rule: ThresholdRule = riskRule,
): number[] {
  const told = new Map<string, number>();
  return values.flatMap((value, index) => {
    const threshold = thresholds(index);
    const { crossing, over } = decideThreshold([{ protocol: "vesu", value }], {
      rule,
      threshold,
      told: [...told].map(([protocol, beyond]) => ({ protocol, threshold: beyond })),
    });
    for (const protocol of over) told.delete(protocol);
    for (const { protocol } of crossing) told.set(protocol, threshold);
    return crossing.length > 0 ? [index] : [];
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

it("tells of a yield that falls below once, until it was a tenth above, and of nothing with a threshold of 0", () => {
  expect(tellOf([4, 3.9, 4.2, 3, 4.4, 3.9], at(4), yieldRule)).toEqual([1, 5]);
  expect(tellOf([0, 3], at(0), yieldRule)).toEqual([]);
  expect(tellOf([3, 3, 3], (index) => (index === 0 ? 4 : 3.5), yieldRule)).toEqual([0, 1]);
  expect(tellOf([3, 3.8, 3.8], (index) => (index === 0 ? 3.5 : 4), yieldRule)).toEqual([0]);
});

it("tells of a probability of illiquidity once, until it was a fifth below, and of nothing with a threshold of 100", () => {
  expect(tellOf([50, 51, 45, 60, 40, 51], at(50), illiquidityRule)).toEqual([1, 5]);
  expect(tellOf([100], at(100), illiquidityRule)).toEqual([]);
});
