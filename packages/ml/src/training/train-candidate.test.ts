import { describe, expect, it } from "vitest";
import { DelayedWeights } from "../experts/delayed-weights.ts";
import { expertNames } from "../experts/experts.ts";
import type { ForecastLearner } from "../forecast/forecast-learner.ts";
import { forecastTask } from "../forecast/forecast-task.ts";
import { at } from "../numbers.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { trainingRowsOf } from "../panel/sample-table.ts";
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

/** A learner whose forecasts are the outcome and something more, in the modelled space. */
function offBy(error: number): Change {
  return (learner) => ({
    centres: (_model, table, rows) =>
      Float64Array.from(rows, (row) => Math.log1p(at(table.target, row)) + error),
    fit: (table, { rows }, options) =>
      learner.fit(table, trainingRowsOf(table, rows.subarray(0, 80)), options),
  });
}

/** The model's weight after the test. */
function modelWeight({ prior, learned }: Candidate): number {
  const said = expertNames.map((name) => (name === "projection" ? Number.NaN : 0));
  const [state] = Object.values(learned.kinds);
  return at(new DelayedWeights(prior, horizonDays, state).weights(said), expertNames.indexOf("model"));
}

describe("a candidate", () => {
  it("stops listening to forests that make the forecast worse, and listens more to forests that are right", () => {
    const weights = [0, 0.3, 1, 3].map((error) => modelWeight(candidateOf(panel, offBy(error))));
    expect(weights).toEqual([...weights].sort((left, right) => right - left));
    expect(weights[0]).toBeGreaterThan(0.8);
    expect(weights[3]).toBeLessThan(0.2);
  });

  it("names the best baseline of its test, and keeps what it would have served for the same forecasts", () => {
    const { testRows, testCentres, baseline } = candidateOf(panel);
    const { baselines, target } = forecastTask("yield", { horizonDays, apyCapPercent: 500, scoreRisk }).table(
      panel,
    );
    const errorOf = (value: (row: number, index: number) => number) =>
      testRows.reduce((sum, row, index) => sum + Math.abs(value(row, index) - at(target, row)), 0);
    const naive = Object.values(baselines).map((values) => errorOf((row) => at(values, row)));
    expect(errorOf((row) => at(baselines[baseline], row))).toBe(Math.min(...naive));
    expect(errorOf((_row, index) => Math.expm1(at(testCentres, index)))).toBeLessThan(
      Math.min(...naive) * 1.05,
    );
  });

  it("is not changed by anything that happens after its day", () => {
    const known = summary(candidateOf(panel));
    expect(summary(candidateOf(rewriteFuture(panel, asOfDay, 30)))).toEqual(known);
    expect(summary(candidateOf(panel.map((series) => truncateSeries(series, asOfDay))))).toEqual(known);
  });

  it("knows the outcomes of all forecasts that calibrate the coming ones", () => {
    const { markets, protocols, evidence } = candidateOf(panel);
    expect(markets.days).toHaveLength(evidence?.rows.length ?? 0);
    for (const history of [markets, protocols]) {
      expect(Math.max(...history.days)).toBe(asOfDay - horizonDays);
      expect(history.outcomes.some(Number.isNaN)).toBe(false);
    }
  });
});

/** What serves and calibrates; row numbers depend on how much of the panel is visible. */
function summary({ servedBy, baseline, fitted, learned, markets, protocols }: Candidate) {
  return { servedBy, baseline, fitted, learned, markets, protocols };
}
