import { describe, expect, it } from "vitest";
import type { ForecastLearner } from "../forecast/forecast-learner.ts";
import { forecastTask } from "../forecast/forecast-task.ts";
import { at } from "../numbers.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { promotionGainMin } from "../promotion/promotion-rule.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { rewriteFuture, syntheticPanel } from "../test-support/synthetic-panel.ts";
import type { Candidate } from "./train-candidate.ts";
import { trainCandidate } from "./train-candidate.ts";
import { WalkForward } from "./walk-forward.ts";

const horizonDays = 7;
const panel = syntheticPanel({ markets: 8, days: 190, seed: 1 });
const asOfDay = 19_180;

type Change = (learner: ForecastLearner) => Partial<ForecastLearner>;

function candidateOf(markets: typeof panel, change: Change = () => ({})): Candidate {
  const original = forecastTask("yield", { horizonDays, apyCapPercent: 500, scoreRisk });
  const task = { ...original, learner: { ...original.learner, ...change(original.learner) } };
  const data = { task, horizonDays, seed: 1, panel: markets, table: task.table(markets) };
  return trainCandidate(new WalkForward(data), asOfDay, 60);
}

/** A learner whose forecasts are the outcome and something more. */
function offBy(error: number): Change {
  return (learner) => ({
    centres: (_model, table, rows) =>
      Float64Array.from(rows, (row) => Math.log1p(at(table.target, row)) + error),
    fit: (table, rows, options) => ({ ...learner.fit(table, rows.subarray(0, 80), options) }),
  });
}

describe("a candidate", () => {
  it("ignores forests that make the forecast worse, and lets the baseline serve", () => {
    const worse = candidateOf(panel, (learner) => ({
      centres: (model, table, rows) =>
        Float64Array.from(rows, (row) => learner.reference(table, row, model.anchors[0] ?? "last_value") + 3),
    }));
    expect(worse.fitted).toBeDefined();
    expect(worse.shrinkages).toEqual([0.5, 0, 0]);
    expect(worse.shrinkage).toBe(0);
    expect(worse.servedBy).toBe("baseline");
  });

  it("listens fully to forests that are right, and serves them when they beat the best baseline", () => {
    const right = candidateOf(panel, offBy(0));
    expect(right.shrinkages).toEqual([0.5, 1, 1]);
    expect(right.servedBy).toBe("model");
  });

  it("serves its model only when it errs clearly less than the best baseline in its test", () => {
    for (const error of [0, 0.1, 0.2, 0.3, 0.5, 1]) {
      const { servedBy, evidence, baseline } = candidateOf(panel, offBy(error));
      if (evidence === undefined) throw new Error("There is no test.");
      const { baselines, target } = forecastTask("yield", {
        horizonDays,
        apyCapPercent: 500,
        scoreRisk,
      }).table(panel);
      const errorOf = (value: (row: number, index: number) => number) =>
        evidence.rows.reduce((sum, row, index) => sum + Math.abs(value(row, index) - at(target, row)), 0);
      const model = errorOf((_row, index) => Math.expm1(at(evidence.centres, index)));
      const naive = Object.values(baselines).map((values) => errorOf((row) => at(values, row)));
      expect(errorOf((row) => at(baselines[baseline], row))).toBe(Math.min(...naive));
      expect(servedBy).toBe(model < Math.min(...naive) * (1 - promotionGainMin) ? "model" : "baseline");
    }
  });

  it("is not changed by anything that happens after its day", () => {
    const known = summary(candidateOf(panel));
    expect(summary(candidateOf(rewriteFuture(panel, asOfDay, 30)))).toEqual(known);
    expect(summary(candidateOf(panel.map((series) => truncateSeries(series, asOfDay))))).toEqual(known);
  });

  it("knows the outcomes of all forecasts that calibrate the coming ones", () => {
    const { markets, protocols, testRows } = candidateOf(panel);
    expect(markets.days).toHaveLength(testRows.length);
    for (const history of [markets, protocols]) {
      expect(Math.max(...history.days)).toBe(asOfDay - horizonDays);
      expect(history.outcomes.some(Number.isNaN)).toBe(false);
    }
  });
});

/** What serves and calibrates; row numbers depend on how much of the panel is visible. */
function summary({ servedBy, baseline, fitted, shrinkages, shrinkage, markets, protocols }: Candidate) {
  return { servedBy, baseline, fitted, shrinkages, shrinkage, markets, protocols };
}
