import { expect } from "vitest";
import { forecastPanel } from "../forecast/forecast-panel.ts";
import { loadModel } from "../model-format/model-artefact.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { realisedRisk } from "../risk/risk-table.ts";
import { trainModels } from "../training/train-models.ts";
import { realisedYield } from "../yield/yield-table.ts";
import { scoreRisk } from "./score-risk.ts";

/** A month that a model is tested on after its training. Test code only. */
export interface HeldOutMonth {
  panel: readonly MarketSeries[];
  /** The last day that is learned from. */
  cutDay: number;
  backtestDays: number;
  /** Forecasts are scored on every so many days of the four weeks after the cut. */
  everyDays: number;
}

/** Trains on the past of the cut and expects of the forecasts of the four weeks after it what every forecast promises. */
export function expectPromisesKept({ panel, cutDay, backtestDays, everyDays }: HeldOutMonth): void {
  const options = { horizonDays: 7, backtestDays, seed: 1, scoreRisk };
  const trained = trainModels(
    panel.map((series) => truncateSeries(series, cutDay)),
    options,
  );
  const byId = new Map(panel.map((series) => [series.market_id, series]));
  const outcomeOf = { risk: realisedRisk, yield: realisedYield };
  for (const candidate of [trained.risk, trained.yield]) {
    const { kind } = candidate;
    const model = loadModel(candidate);
    const tally = { n: 0, covered: 0, stated: 0, within: 0, error: 0, baselineError: 0 };
    for (let asOfDay = cutDay; asOfDay < cutDay + 28; asOfDay += everyDays) {
      for (const forecast of forecastPanel(model, panel, { scoreRisk, asOfDay }).markets) {
        const series = byId.get(forecast.market_id);
        if (series === undefined || forecast.as_of_day !== asOfDay) continue;
        const actual = outcomeOf[kind](series, asOfDay, { ...options, apyCapPercent: 500 });
        if (Number.isNaN(actual)) continue;
        tally.n += 1;
        tally.covered += actual >= forecast.lower && actual <= forecast.upper ? 1 : 0;
        tally.stated += forecast.confidence;
        tally.within += Math.abs(actual - forecast.value) <= forecast.confidence_tolerance ? 1 : 0;
        tally.error += Math.abs(actual - forecast.value);
        tally.baselineError += Math.abs(actual - forecast.baseline_value);
      }
    }
    const { n, covered, stated, within, error, baselineError } = tally;
    expect(n).toBeGreaterThan(1000 / everyDays);
    expect(covered / n).toBeGreaterThan(0.82);
    expect(Math.abs(stated / n - within / n)).toBeLessThan(0.08);
    expect(error).toBeLessThan(baselineError * 1.03);
  }
}
