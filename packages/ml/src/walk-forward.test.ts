import fc from "fast-check";
import { expect, it } from "vitest";
import { at } from "./numbers.ts";
import { syntheticPanel } from "./test-support/synthetic-panel.ts";
import { planFolds } from "./walk-forward.ts";
import { yieldTable } from "./yield/yield-table.ts";

it("never trains on an outcome that overlaps the test period, and tests every day once", () => {
  const plans = fc.record({
    days: fc.integer({ min: 20, max: 150 }),
    horizonDays: fc.integer({ min: 1, max: 20 }),
    backtestDays: fc.integer({ min: 1, max: 120 }),
    foldCount: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(plans, ({ days, ...plan }) => {
      const panel = syntheticPanel({ markets: 2, days, seed: 1, gapShare: 0.1 });
      const table = yieldTable(panel, { horizonDays: plan.horizonDays, apyCapPercent: 500, rows: "all" });
      const folds = planFolds(table, plan);
      const tested = folds.flatMap(({ testRows }) => [...testRows]);
      expect(new Set(tested).size).toBe(tested.length);
      for (const fold of folds) {
        for (const row of fold.trainRows) {
          expect(at(table.day, row) + plan.horizonDays).toBeLessThan(fold.firstDay);
        }
        for (const row of fold.testRows) expect(at(table.target, row)).not.toBeNaN();
      }
      for (let index = 1; index < folds.length; index += 1) {
        expect(folds[index]?.firstDay).toBe((folds[index - 1]?.lastDay ?? 0) + 1);
      }
    }),
    { numRuns: 40 },
  );
});

it("plans no fold without a known outcome", () => {
  const panel = syntheticPanel({ markets: 2, days: 8, seed: 1 });
  const table = yieldTable(panel, { horizonDays: 7, apyCapPercent: 500, rows: "all" });
  expect(planFolds(table, { horizonDays: 7, backtestDays: 90, foldCount: 3 })).toEqual([]);
});
