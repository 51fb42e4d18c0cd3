import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecastTask } from "../src/forecast/forecast-task.ts";
import { at } from "../src/numbers.ts";
import type { MarketSeries } from "../src/panel/market-series.ts";
import { truncateSeries } from "../src/panel/market-series.ts";
import type { SampleTable } from "../src/panel/sample-table.ts";
import { realisedRisk } from "../src/risk/risk-table.ts";
import { scoreRisk } from "../src/test-support/score-risk.ts";
import { rewriteFuture, syntheticPanel } from "../src/test-support/synthetic-panel.ts";
import { realisedYield } from "../src/yield/yield-table.ts";

const options = { horizonDays: 7, apyCapPercent: 500, scoreRisk };

/** Everything a forecast of the row could read, as comparable text. */
function rowsUpTo(table: SampleTable, lastDay: number): string[] {
  return rowsWhere(table, (row) => at(table.day, row) <= lastDay);
}

function rowsWhere(table: SampleTable, keep: (row: number) => boolean): string[] {
  const width = table.featureNames.length;
  return Array.from({ length: table.rowCount }, (_unused, row) => row)
    .filter(keep)
    .map((row) =>
      JSON.stringify([
        at(table.market, row),
        at(table.day, row),
        [...table.features.subarray(row * width, (row + 1) * width)],
        at(table.current, row),
        at(table.scale, row),
        at(table.tvlUsd, row),
        Object.values(table.baselines).map((values) => at(values, row)),
      ]),
    );
}

describe.each(["risk", "yield"] as const)("%s features", (kind) => {
  const table = (panel: readonly MarketSeries[]) => forecastTask(kind, options).table(panel);

  it("are not changed by anything that happens later, in this market or another", () => {
    const cases = fc.record({
      seed: fc.integer(),
      lastDay: fc.integer({ min: 19_010, max: 19_070 }),
      factor: fc.constantFrom(0, 0.5, 3, 1000),
      gapShare: fc.constantFrom(0, 0.3),
    });
    fc.assert(
      fc.property(cases, ({ seed, lastDay, factor, gapShare }) => {
        const panel = syntheticPanel({ markets: 4, days: 80, seed, gapShare });
        const known = rowsUpTo(table(panel), lastDay);
        expect(rowsUpTo(table(rewriteFuture(panel, lastDay, factor)), lastDay)).toEqual(known);
        expect(rowsUpTo(table(panel.map((series) => truncateSeries(series, lastDay))), lastDay)).toEqual(
          known,
        );
      }),
      { numRuns: 30 },
    );
  });

  it("have no target that reads the row's own day or the past", () => {
    const panel = syntheticPanel({ markets: 2, days: 80, seed: 2 });
    const full = table(panel);
    for (let row = 0; row < full.rowCount; row += 1) {
      const series = panel[at(full.market, row)];
      if (series === undefined) throw new Error("no market");
      const realised = kind === "risk" ? realisedRisk : realisedYield;
      expect(at(full.target, row)).toBe(realised(series, at(full.day, row), options));
    }
    const knownDays = [...full.day].filter((_day, row) => !Number.isNaN(at(full.target, row)));
    expect(Math.max(...knownDays)).toBe(19_079 - (kind === "risk" ? 7 : 4));
  });

  it("are the same when only rows from a day on are built, and of a silent market the newest", () => {
    const panel = syntheticPanel({ markets: 3, days: 60, seed: 5, gapShare: 0.2 }).map((series, index) =>
      index === 1 ? truncateSeries(series, 19_030) : series,
    );
    const fromDay = 19_045;
    const late = forecastTask(kind, options).table(panel, fromDay);
    const full = table(panel);
    const newestOf = (market: number) =>
      Math.max(...[...full.day].filter((_day, row) => at(full.market, row) === market));
    const expected = rowsWhere(full, (row) => {
      const day = at(full.day, row);
      return day >= fromDay || day === newestOf(at(full.market, row));
    });
    expect(rowsUpTo(late, 20_000)).toEqual(expected);
    expect([...late.market].filter((market) => market === 1)).toHaveLength(1);
  });
});
