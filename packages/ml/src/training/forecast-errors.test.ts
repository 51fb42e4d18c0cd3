import { createRandom } from "@obsqra/forest";
import { describe, expect, it } from "vitest";
import { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import type { ForecastHistory } from "../calibration/forecast-history.ts";
import { at } from "../numbers.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { yieldTable } from "../yield/yield-table.ts";
import { baselineMetrics, candidateMetrics, intervalMetrics, marketErrors } from "./forecast-errors.ts";

describe("point errors", () => {
  const table = yieldTable(syntheticPanel({ markets: 3, days: 30, seed: 1 }), {
    horizonDays: 7,
    apyCapPercent: 500,
  });
  const rows = Int32Array.from(table.day.keys()).filter((row) => !Number.isNaN(at(table.target, row)));

  it("are averaged over forecasts, and their median taken over markets", () => {
    // Off by 1 in market 0, by 2 in market 1 and by 30 in market 2.
    const offsets = [1, 2, 30];
    const values = Float64Array.from(
      rows,
      (row) => at(table.target, row) + at(offsets, at(table.market, row)),
    );
    const metrics = candidateMetrics(table, rows, values);
    expect(metrics.mae_mean).toBeCloseTo(11, 9);
    expect(metrics.mae_median_market).toBeCloseTo(2, 9);
    const errors = values.map((value, index) => value - at(table.target, at(rows, index)));
    [...marketErrors(table, rows, errors)].forEach(([market, error]) => {
      expect(error).toBeCloseTo(at(offsets, market), 9);
    });
  });

  it("of a baseline are those of what it forecast", () => {
    expect(baselineMetrics(table, rows).mean_7d).toEqual(
      candidateMetrics(
        table,
        rows,
        Float64Array.from(rows, (row) => at(table.baselines.mean_7d, row)),
      ),
    );
  });
});

describe("intervals and confidence", () => {
  const space = { kind: "yield", low: 0, high: 500 } as const;

  it("hold what they promise when errors are exchangeable after scaling", () => {
    const random = createRandom(7);
    const n = 12_000;
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - random.nextFloat())) * Math.cos(2 * Math.PI * random.nextFloat());
    const scales = Float64Array.from({ length: n }, () => Math.exp(normal() - 2));
    const centres = Float64Array.from({ length: n }, () => 2 + random.nextFloat());
    const history: ForecastHistory = {
      days: Int32Array.from({ length: n }, (_unused, index) => Math.floor(index / 100)),
      protocols: new Int32Array(n),
      centres,
      scales,
      moving: new Uint8Array(n).fill(1),
      outcomes: centres.map((centre, index) =>
        Math.max(0, Math.expm1(centre + at(scales, index) * normal())),
      ),
    };
    const measured = intervalMetrics(new AdaptiveCalibration(space, 7), history, {
      lastDay: 200,
      level: 0.9,
    });
    expect(measured.n).toBe(n - 7 * 100);
    expect(measured.coverage).toBeGreaterThan(0.885);
    expect(measured.coverage).toBeLessThan(0.915);
    expect(measured.confidence_reliability.length).toBeGreaterThan(3);
    for (const bin of measured.confidence_reliability) {
      expect(Math.abs(bin.stated - bin.observed)).toBeLessThan(0.04);
    }
  });

  it("are not measured where none was finite", () => {
    const history: ForecastHistory = {
      days: Int32Array.of(1, 2),
      protocols: Int32Array.of(0, 0),
      centres: Float64Array.of(1, 1),
      scales: Float64Array.of(1, 1),
      moving: Uint8Array.of(1, 1),
      outcomes: Float64Array.of(1, 2),
    };
    expect(
      intervalMetrics(new AdaptiveCalibration(space, 7), history, { lastDay: 9, level: 0.9 }),
    ).toMatchObject({
      n: 0,
      coverage: null,
      width_mean: null,
      width_median: null,
    });
  });
});
