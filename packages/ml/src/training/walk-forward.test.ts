import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecastTask } from "../forecast/forecast-task.ts";
import { at } from "../numbers.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { rewriteFuture, syntheticPanel } from "../test-support/synthetic-panel.ts";
import type { WalkForwardData } from "./walk-forward.ts";
import { refitDays, trainingRowsMax, WalkForward } from "./walk-forward.ts";

function dataOf(panel: WalkForwardData["panel"], horizonDays = 7): WalkForwardData {
  const task = forecastTask("yield", { horizonDays, apyCapPercent: 500, scoreRisk });
  return { task, horizonDays, panel, table: task.table(panel), seed: 1 };
}

describe("folds", () => {
  it("never train on an outcome that overlaps their days, and forecast every day before the decision once", () => {
    const plans = fc.record({
      days: fc.integer({ min: 20, max: 150 }),
      // At this size and length a fit is a matter of milliseconds, or there is too little to fit on.
      markets: fc.constantFrom(2, 3),
      horizonDays: fc.integer({ min: 1, max: 20 }),
      backtestDays: fc.integer({ min: 1, max: 120 }),
      untilLast: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(plans, ({ days, markets, horizonDays, backtestDays, untilLast }) => {
        const panel = syntheticPanel({ markets, days, seed: 1, gapShare: 0.1 });
        const data = dataOf(panel, horizonDays);
        const walkForward = new WalkForward(data);
        const asOfDay = 18_999 + days - untilLast;
        const folds = walkForward.foldsBefore(asOfDay, backtestDays);
        const { table } = data;
        const tested = folds.flatMap(({ rows }) => [...rows]);
        const firstDay = folds[0]?.firstDay ?? asOfDay;
        const expected = [...table.day.keys()].filter(
          (row) => at(table.day, row) >= firstDay && at(table.day, row) < asOfDay,
        );
        expect([...tested].sort((left, right) => left - right)).toEqual(expected);
        for (const fold of folds) {
          const trainingRows = walkForward.trainingRows(fold.firstDay);
          expect(fold.trainingRowCount).toBe(trainingRows.length);
          for (const row of trainingRows) {
            expect(at(table.day, row) + horizonDays).toBeLessThan(fold.firstDay);
            expect(at(table.target, row)).not.toBeNaN();
          }
          expect(fold.lastDay - fold.firstDay + 1).toBe(refitDays);
        }
        for (let index = 1; index < folds.length; index += 1) {
          expect(folds[index]?.firstDay).toBe((folds[index - 1]?.lastDay ?? 0) + 1);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("reach back until the forecasts of the days asked for have known outcomes", () => {
    const walkForward = new WalkForward(dataOf(syntheticPanel({ markets: 2, days: 200, seed: 1 })));
    for (const backtestDays of [1, 23, 24, 60, 90]) {
      const [first] = walkForward.foldsBefore(19_199, backtestDays);
      expect(19_199 - 7 - (first?.firstDay ?? Number.NaN)).toBeGreaterThanOrEqual(backtestDays);
    }
  });

  it("are none without rows, and have no model with outcomes of fewer than 42 days or fewer than 200", () => {
    const short = new WalkForward(dataOf(syntheticPanel({ markets: 2, days: 6, seed: 1 })));
    expect(short.foldsBefore(19_005, 90)).toEqual([]);
    const wide = new WalkForward(dataOf(syntheticPanel({ markets: 8, days: 100, seed: 1 })));
    // Rows begin on the 7th day, and an outcome is used on the 8th day after its forecast.
    expect(wide.fitAt(19_000 + 6 + 41 + 7)).toBeUndefined();
    expect(wide.fitAt(19_000 + 6 + 42 + 7)).toBeDefined();
    const narrow = new WalkForward(dataOf(syntheticPanel({ markets: 2, days: 120, seed: 1 })));
    expect(narrow.trainingRows(19_112).length).toBeLessThan(200);
    expect(narrow.fitAt(19_112)).toBeUndefined();
  });
});

describe("fits", () => {
  const panel = syntheticPanel({ markets: 6, days: 120, seed: 3 });

  it("are not changed by anything that happens from their day on, and are made once", () => {
    const fitted: number[] = [];
    const walkForward = new WalkForward(dataOf(panel), (firstDay) => fitted.push(firstDay));
    const known = walkForward.fitAt(19_080);
    expect(walkForward.fitAt(19_080)).toBe(known);
    expect(fitted).toEqual([19_080]);
    expect(known).toBeDefined();
    expect(new WalkForward(dataOf(rewriteFuture(panel, 19_080, 9))).fitAt(19_080)).toEqual(known);
    const cut = panel.map((series) => truncateSeries(series, 19_080));
    expect(new WalkForward(dataOf(cut)).fitAt(19_080)).toEqual(known);
  });
});

it("learns from a sample of a history that is too long, the same for the same seed and from all of it", () => {
  const { table, ...rest } = dataOf(syntheticPanel({ markets: 1, days: 60, seed: 1 }));
  const rowCount = 3 * trainingRowsMax;
  const day = Int32Array.from({ length: rowCount }, (_, row) => Math.floor(row / 1_000));
  const target = Float64Array.from({ length: rowCount }, (_, row) => (row % 3 === 0 ? Number.NaN : 1));
  const rowsOf = (seed: number, firstDay: number) =>
    new WalkForward({ ...rest, seed, table: { ...table, rowCount, day, target } }).trainingRows(firstDay);
  const rows = rowsOf(1, 1_000);
  expect(rows).toHaveLength(trainingRowsMax);
  expect(rows.every((row, position) => position === 0 || row > at(rows, position - 1))).toBe(true);
  expect(rows.some((row) => Number.isNaN(at(target, row)))).toBe(false);
  const late = rows.filter((row) => row >= rowCount / 2).length;
  expect(late / rows.length).toBeCloseTo(0.5, 2);
  expect(rowsOf(1, 1_000)).toEqual(rows);
  expect(rowsOf(2, 1_000)).not.toEqual(rows);
  // 100 days have 100,000 rows, of which two thirds are known.
  expect(rowsOf(1, 107)).toHaveLength(Math.ceil((trainingRowsMax * 2) / 3) - 1);
});
