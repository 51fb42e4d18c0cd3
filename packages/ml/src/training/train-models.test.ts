import { describe, expect, it } from "vitest";
import { forecastPanel } from "../forecast/forecast-panel.ts";
import type { MlError } from "../ml-error.ts";
import { sha256Hex } from "../model-format/content-hash.ts";
import { loadModel } from "../model-format/model-artefact.ts";
import { modelVersion } from "../model-format/model-manifest.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { expectHonest } from "../test-support/expect-honest.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { trainModel, trainModels } from "./train-models.ts";

const options = { horizonDays: 7, backtestDays: 60, seed: 11, scoreRisk };
const panel = syntheticPanel({ markets: 9, days: 170, seed: 1, gapShare: 0.05 });
const trained = trainModels(panel, options);

describe("training", () => {
  it("gives the same bytes for the same panel, options and seed, in whatever order the markets come", () => {
    const again = trainModels(structuredClone(panel).reverse(), options);
    expect(again).toEqual(trained);
    expect(trainModel("yield", panel, { ...options, seed: 12 }).version).not.toBe(trained.yield.version);
  });

  it("names a model after its bytes and what is stated of it, and survives being posted between threads", () => {
    for (const model of [trained.risk, trained.yield]) {
      expect(model.artefact_sha256).toBe(sha256Hex(model.artefact));
      expect(model.version).toBe(modelVersion(model));
      expect(loadModel(model).version).toBe(model.version);
      expect(structuredClone(model)).toEqual(model);
      expect(() => JSON.stringify(model.metrics)).not.toThrow();
    }
  });

  it("does not modify its input", () => {
    expect(panel).toEqual(syntheticPanel({ markets: 9, days: 170, seed: 1, gapShare: 0.05 }));
  });

  it("finds the mean reversion of an autoregressive panel, and says how far each candidate was off", () => {
    const { metrics, served_by, baseline } = trained.yield;
    expect(served_by).toBe("model");
    expect(metrics.model?.mae_mean).toBeLessThan(metrics.baselines[baseline].mae_mean);
    expect(metrics.folds).toHaveLength(3);
    expect(metrics.market_intervals.coverage).toBeGreaterThan(0.82);
  });

  it("loses little on a random walk, where nothing can beat the last values, and names the weights", () => {
    const walk = syntheticPanel({ markets: 9, days: 170, seed: 3, process: "random-walk" });
    const model = trainModel("yield", walk, options);
    const { combined, baselines, weights } = model.metrics;
    expect(combined.mae_mean).toBeLessThan(baselines.last_value.mae_mean * 1.08);
    for (const { details } of forecastPanel(loadModel(model), walk, { scoreRisk }).markets) {
      expect(details.experts).toHaveLength(6);
      expect(details.experts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    }
    expect(Object.keys(weights)).toEqual([...new Set(walk.map(({ kind }) => kind))].sort());
  });

  it("reports progress that rises to 1, and stops when asked to", () => {
    const progress: number[] = [];
    trainModels(panel, { ...options, onProgress: (fraction) => progress.push(fraction) });
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
    expect(progress.at(-1)).toBe(1);
    expect(() => trainModels(panel, { ...options, signal: { aborted: true } })).toThrow(
      expect.objectContaining({ code: "ABORTED" }),
    );
  });
});

describe("little or bad data", () => {
  const short = (markets: number, days: number) => syntheticPanel({ markets, days, seed: 5 });

  it.each([
    ["three markets of 40 days", short(3, 40)],
    ["one market", short(1, 120)],
    ["one market with a single known outcome", short(1, 14)],
    ["constant yields", syntheticPanel({ markets: 3, days: 60, seed: 5, process: "constant" })],
  ])("%s: finite forecasts with honest intervals", (_name, small) => {
    const models = trainModels(small, options);
    for (const model of [models.risk, models.yield]) {
      const { markets, protocols } = forecastPanel(loadModel(model), small, { scoreRisk });
      expect(markets).toHaveLength(small.length);
      expectHonest([...markets, ...protocols]);
      if (model.metrics.n < 9)
        for (const { details } of markets) expect(details.interval_unbounded).toBe(true);
    }
  });

  it("refuses when nothing can be learned", () => {
    const unknown = short(2, 60).map((series) => ({ ...series, apy: series.apy.map(() => Number.NaN) }));
    for (const hopeless of [[], short(3, 8), unknown])
      expectCode(() => trainModels(hopeless, options), "NOT_ENOUGH_HISTORY");
  });

  it("refuses when every known outcome is older than the test", () => {
    const [ended] = short(1, 60);
    const [late] = syntheticPanel({ markets: 1, days: 3, seed: 6 });
    if (ended === undefined || late === undefined) throw new Error("empty panel");
    const appeared = { ...late, market_id: "late", days: late.days.map((day) => day + 300) };
    expectCode(() => trainModels([ended, appeared], options), "NOT_ENOUGH_HISTORY");
  });

  it("refuses malformed series and options", () => {
    const [first] = panel;
    if (first === undefined) throw new Error("empty panel");
    const broken: MarketSeries[][] = [
      [first, first],
      [{ ...first, apy: new Float64Array(3) }],
      [{ ...first, days: first.days.map(() => 7) }],
      [{ ...first, audit_score: 101 }],
      [{ ...first, launched_day: Number.NaN }],
    ];
    for (const bad of broken) expectCode(() => trainModels(bad, options), "INVALID_SERIES");
    expectCode(() => trainModels(panel, { ...options, horizonDays: 0 }), "INVALID_OPTIONS");
    expectCode(() => trainModels(panel, { ...options, seed: 0.5 }), "INVALID_OPTIONS");
  });
});

function expectCode(run: () => unknown, code: MlError["code"]): void {
  expect(run).toThrow(expect.objectContaining({ name: "MlError", code }));
}
