import { expect, it } from "vitest";
import { forecastPanel } from "../src/forecast/forecast-panel.ts";
import { loadModel } from "../src/model-format/model-artefact.ts";
import type { MarketSeries } from "../src/panel/market-series.ts";
import { truncateSeries } from "../src/panel/market-series.ts";
import { realisedRisk } from "../src/risk/risk-table.ts";
import { hasMarketFiles, readDexPanel, readLendingPanel } from "../src/test-support/read-market-files.ts";
import { scoreRisk } from "../src/test-support/score-risk.ts";
import { trainModels } from "../src/training/train-models.ts";
import { realisedYield } from "../src/yield/yield-table.ts";

const options = { horizonDays: 7, backtestDays: 90, seed: 1, scoreRisk };

/** Trains on the past of `cutDay` and scores the forecasts of the four weeks after it: fewer days would be mostly noise. */
function scoreHeldOut(panel: readonly MarketSeries[], cutDay: number) {
  const past = panel.map((series) => truncateSeries(series, cutDay));
  const trained = trainModels(past, options);
  const byId = new Map(panel.map((series) => [series.market_id, series]));
  return ([trained.risk, trained.yield] as const).map(({ kind, artefact }) => {
    const model = loadModel(artefact);
    const tally = { kind, n: 0, covered: 0, stated: 0, within: 0, error: 0, baselineError: 0 };
    for (const asOfDay of Array.from({ length: 28 }, (_unused, index) => cutDay + index)) {
      for (const forecast of forecastPanel(model, panel, { scoreRisk, asOfDay }).markets) {
        const series = byId.get(forecast.market_id);
        if (series === undefined || forecast.as_of_day !== asOfDay) continue;
        const realised = { ...options, apyCapPercent: 500 };
        const actual = (kind === "risk" ? realisedRisk : realisedYield)(series, asOfDay, realised);
        if (Number.isNaN(actual)) continue;
        tally.n += 1;
        tally.covered += actual >= forecast.lower && actual <= forecast.upper ? 1 : 0;
        tally.stated += forecast.confidence;
        tally.within += Math.abs(actual - forecast.value) <= forecast.confidence_tolerance ? 1 : 0;
        tally.error += Math.abs(actual - forecast.value);
        tally.baselineError += Math.abs(actual - forecast.baseline_value);
      }
    }
    return tally;
  });
}

it.skipIf(!hasMarketFiles).each([
  // Every fourth pool: enough for the statistics, and a quarter of the time.
  ["DEX pools", () => readDexPanel().filter((_series, index) => index % 4 === 0), 20_330],
  ["Aave reserves", readLendingPanel, 20_420],
])("keeps its promises on a month of %s that it never saw", (_name, read, cutDay) => {
  for (const { n, covered, stated, within, error, baselineError } of scoreHeldOut(read(), cutDay)) {
    expect(n).toBeGreaterThan(1000);
    expect(covered / n).toBeGreaterThan(0.82);
    expect(Math.abs(stated / n - within / n)).toBeLessThan(0.08);
    expect(error).toBeLessThan(baselineError * 1.03);
  }
});
