import { expect, it } from "vitest";
import { brierScore, logLoss, rareEventReliability } from "./probability-scores.ts";

it("scores certainty that was right 0, and every hedge by its squared distance", () => {
  expect(brierScore([1, 0], [1, 0])).toBe(0);
  expect(brierScore([0.8, 0.3], [1, 0])).toBeCloseTo((0.04 + 0.09) / 2, 12);
});

it("scores the logarithm of what was given to the outcome, finite even for a wrong certainty", () => {
  expect(logLoss([0.5, 0.5], [1, 0])).toBeCloseTo(Math.LN2, 12);
  expect(logLoss([0], [1])).toBeCloseTo(-Math.log(1e-6), 9);
});

it("puts each forecast into one bin, edges into the higher one and 1 into the last", () => {
  const bins = rareEventReliability([0, 0.005, 0.9, 1], [0, 1, 1, 1]);
  expect(bins).toEqual([
    { from: 0, to: 0.005, n: 1, stated: 0, observed: 0 },
    { from: 0.005, to: 0.01, n: 1, stated: 0.005, observed: 1 },
    { from: 0.9, to: 1, n: 2, stated: 0.95, observed: 1 },
  ]);
});
