import type { ForestModel } from "@obsqra/forest";
import { createRandom, fitRandomForest } from "@obsqra/forest";
import { describe, expect, it } from "vitest";
import { runBacktest } from "./backtest.ts";
import { reliabilityTable } from "./confidence.ts";
import { calibrate } from "./conformal.ts";
import { baselineMetrics, candidateMetrics, intervalMetrics, promote } from "./evaluation.ts";
import type { ForecastLearner } from "./forecast-learner.ts";
import { distributionAt } from "./forecast-space.ts";
import { forecastTask } from "./forecast-task.ts";
import { at } from "./numbers.ts";
import { selectFeatures } from "./sample-table.ts";
import { scoreRisk } from "./test-support/score-risk.ts";
import { syntheticPanel } from "./test-support/synthetic-panel.ts";
import { planFolds } from "./walk-forward.ts";

const metrics = (mae: number) => ({ mae_mean: mae, mae_median_market: mae });
const baselines = {
  last_value: metrics(3),
  mean_7d: metrics(2),
  ewma_half_life_5d: metrics(2.5),
  mean_30d: metrics(4),
  median_30d: metrics(5),
};

describe("promotion", () => {
  it("serves the model only when it clearly beats the best baseline", () => {
    expect(promote(baselines, metrics(1.98))).toEqual({ servedBy: "model", baseline: "mean_7d" });
    expect(promote(baselines, metrics(1.995)).servedBy).toBe("baseline");
    expect(promote(baselines, metrics(2.2)).servedBy).toBe("baseline");
    expect(promote(baselines, metrics(Number.NaN)).servedBy).toBe("baseline");
    expect(promote(baselines, undefined)).toEqual({ servedBy: "baseline", baseline: "mean_7d" });
  });

  it("does not serve a model that was made worse, whose corrections are shrunk away", () => {
    const panel = syntheticPanel({ markets: 8, days: 160, seed: 1 });
    const task = forecastTask("yield", { horizonDays: 7, apyCapPercent: 500, scoreRisk });
    const table = task.table(panel, "all");
    const space = task.space(panel);
    const learner: ForecastLearner = {
      ...task.learner,
      fit: (from, rows, { seed }) =>
        fitRandomForest(
          { features: selectFeatures(from, rows), target: new Float64Array(rows.length) },
          { seed, treeCount: 1 },
        ),
      corrections: (_forest: ForestModel, _table, rows) => new Float64Array(rows.length).fill(3),
    };
    const folds = planFolds(table, { horizonDays: 7, backtestDays: 60, foldCount: 3 });
    const backtest = runBacktest(table, folds, { space, learner, seed: 1 });
    const model = candidateMetrics(table, backtest.rows, { space, centres: backtest.centres });
    expect(backtest.hasModel).toBe(true);
    expect(backtest.shrinkages).toEqual([0.5, 0, 0]);
    expect(backtest.shrinkage).toBe(0);
    expect(promote(baselineMetrics(table, backtest.rows, space), model).servedBy).toBe("baseline");
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
    const actual = centres.map((centre, index) =>
      Math.max(0, Math.expm1(centre + at(scales, index) * normal())),
    );
    const folds = Int32Array.from({ length: n }, (_unused, index) => Math.floor((4 * index) / n));
    const measured = intervalMetrics(space, { folds, centres, scales, actual }, 0.9);
    expect(measured.n).toBe(9000);
    expect(measured.coverage).toBeGreaterThan(0.885);
    expect(measured.coverage).toBeLessThan(0.915);
    expect(measured.confidence_reliability.length).toBeGreaterThan(3);
    for (const bin of measured.confidence_reliability) {
      expect(Math.abs(bin.stated - bin.observed)).toBeLessThan(0.04);
    }
  });

  it("span every possible value when there is too little to calibrate on", () => {
    const calibration = calibrate({ residuals: Float64Array.of(0.1, -0.2), scales: Float64Array.of(1, 1) });
    const forecast = distributionAt(space, { centre: Math.log1p(5), scale: 1 }, calibration, 0.9);
    expect(forecast).toMatchObject({ lower: 0, upper: 500, unbounded: true });
    expect(forecast.value).toBeCloseTo(5, 12);
    // Both residuals lie within one percentage point of 5 %, and 2 / (2 + 1) is all that can be claimed.
    expect(distributionAt(space, { centre: Math.log1p(0.5), scale: 1 }, calibration, 0.9).confidence).toBe(
      2 / 3,
    );
  });

  it("never leave the possible values and always contain the forecast", () => {
    const calibration = calibrate({
      residuals: Float64Array.from({ length: 30 }, (_unused, index) => index - 15),
      scales: new Float64Array(30).fill(1),
    });
    const risk = { kind: "risk", low: 0, high: 100 } as const;
    for (const centre of [-20, 0, 50, 100, 130]) {
      const forecast = distributionAt(risk, { centre, scale: 4 }, calibration, 0.9);
      expect(forecast.lower).toBeGreaterThanOrEqual(0);
      expect(forecast.upper).toBeLessThanOrEqual(100);
      expect(forecast.value).toBeGreaterThanOrEqual(forecast.lower);
      expect(forecast.value).toBeLessThanOrEqual(forecast.upper);
    }
  });
});

it("tabulates stated against observed confidence, the last bin closed, empty bins left out", () => {
  expect(reliabilityTable([0.1, 0.15, 1], [0, 1, 1], 5)).toEqual([
    { from: 0, to: 0.2, n: 2, stated: 0.125, observed: 0.5 },
    { from: 0.8, to: 1, n: 1, stated: 1, observed: 1 },
  ]);
});
