import { describe, expect, it } from "vitest";
import { mean } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { dailyHazard, hazardPanel, lendingMarket } from "../test-support/illiquidity-fixtures.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import {
  evaluateIlliquidity,
  illiquidityProbabilities,
  readIlliquidity,
  trainIlliquidity,
} from "./illiquidity.ts";
import type { IlliquidityModel } from "./illiquidity-model.ts";
import { illiquidityRows } from "./illiquidity-table.ts";
import type { WalkForwardForecast } from "./illiquidity-walk-forward.ts";
import { walkForwardIlliquidity } from "./illiquidity-walk-forward.ts";
import { brierScore, rareEventReliability } from "./probability-scores.ts";

const options = { backtestDays: 60, seed: 1 };

function trained(panel: readonly MarketSeries[]): IlliquidityModel {
  const model = trainIlliquidity(panel, options);
  if (model === undefined) throw new Error("no known outcome");
  return model;
}

/** Everything after `lastDay` replaced: frozen where it was not, and utilization turned round. */
function rewriteFuture(panel: readonly MarketSeries[], lastDay: number): MarketSeries[] {
  return panel.map((series) => {
    const isLater = (index: number) => (series.days[index] ?? 0) > lastDay;
    return {
      ...series,
      utilization: series.utilization.map((value, index) => (isLater(index) ? 1 - value : value)),
      frozen: series.frozen.map((value, index) => (isLater(index) ? 1 - value : value)),
    };
  });
}

/** Walk-forward forecasts of days up to `lastDay`, without the outcomes, which belong to the future. */
function forecastsUpTo(panel: readonly MarketSeries[], lastDay: number) {
  return walkForwardIlliquidity(illiquidityRows(panel), options)
    .filter(({ row }) => row.day <= lastDay)
    .map(({ row, model, baselines, served, served_by }) => ({
      market_id: row.market_id,
      day: row.day,
      features: [...row.features],
      model,
      baselines,
      served,
      served_by,
    }));
}

describe("walk-forward forecasts", () => {
  const { panel } = hazardPanel({ markets: 20, days: 140, seed: 2 });

  it("do not change when the future does", () => {
    const before = forecastsUpTo(panel, 20_100);
    expect(before.length).toBeGreaterThan(500);
    expect(before.some(({ served_by }) => served_by === "model")).toBe(true);
    expect(forecastsUpTo(rewriteFuture(panel, 20_100), 20_100)).toEqual(before);
  });

  it("do not change when the future is not there", () => {
    // By whole refit periods, so that both are laid out on the same days.
    const past = panel.map((series) => truncateSeries(series, 20_139 - 21));
    const lastKnownDay = 20_139 - 21 - 14;
    expect(forecastsUpTo(past, lastKnownDay)).toEqual(forecastsUpTo(panel, lastKnownDay));
  });
});

describe("probabilities", () => {
  const { panel, usualUtilization } = hazardPanel({ markets: 60, days: 200, seed: 4 });
  const model = trained(panel);
  const scored = walkForwardIlliquidity(illiquidityRows(panel), options).filter(
    (forecast) => forecast.scored,
  );
  const truth = (id: string) => 1 - (1 - dailyHazard(usualUtilization.get(id) ?? Number.NaN)) ** 14;

  it("depend on nothing after the day they are made for", () => {
    const past = panel.map((series) => truncateSeries(series, 20_150));
    const then = illiquidityProbabilities(model, panel, 20_150);
    expect(then.every(({ as_of_day }) => as_of_day === 20_150)).toBe(true);
    expect(illiquidityProbabilities(model, past)).toEqual(then);
    expect(illiquidityProbabilities(model, rewriteFuture(panel, 20_150), 20_150)).toEqual(then);
  });

  it("are the same for the same markets, options and seed, whatever the order of the panel", () => {
    const reversed = [...panel].reverse();
    expect(trained(reversed)).toEqual(model);
    expect(illiquidityProbabilities(model, reversed).reverse()).toEqual(
      illiquidityProbabilities(model, panel),
    );
  });

  it("survive being stored as JSON", () => {
    expect(model.decision.served_by).toBe("model");
    const restored = readIlliquidity(JSON.parse(JSON.stringify(model)));
    expect(illiquidityProbabilities(restored, panel)).toEqual(illiquidityProbabilities(model, panel));
    expect(restored).toEqual(model);
  });

  it("never fall where utilization was higher on the last day, all else equal", () => {
    const raised = panel.map((series) => {
      const last = series.days.length - 1;
      const higher = (value: number, index: number) =>
        index === last ? Math.min(0.98, value + 0.05) : value;
      return { ...series, utilization: series.utilization.map(higher) };
    });
    const before = illiquidityProbabilities(model, panel);
    const liquid = panel.map(({ utilization }) => (utilization.at(-1) ?? 0) <= 0.98);
    illiquidityProbabilities(model, raised).forEach(({ probability }, index) => {
      if (liquid[index] !== true) return;
      expect(probability).toBeGreaterThanOrEqual(before[index]?.probability ?? Number.NaN);
    });
    expect(model.believed?.hazard.coefficients.every((coefficient) => coefficient >= 0)).toBe(true);
  });

  it("come close to a known hazard, and nearly as good as knowing it", () => {
    const errors = illiquidityProbabilities(model, panel).map(({ market_id, probability }) =>
      Math.abs(probability - truth(market_id)),
    );
    expect(mean(errors)).toBeLessThan(0.05);
    const outcomes = scored.map(({ row }) => row.outcome);
    const score = (read: (forecast: WalkForwardForecast) => number) => brierScore(scored.map(read), outcomes);
    const best = score(({ row }) => truth(row.market_id));
    expect(score((forecast) => forecast.model)).toBeLessThan(best * 1.03);
    expect(score((forecast) => forecast.baselines.base_rate)).toBeGreaterThan(best * 1.1);
  });

  it("are what happened that often, in every bin of similar forecasts", () => {
    // Against the known probability: 14-day windows overlap, so observed shares of one panel scatter too much.
    const bins = rareEventReliability(
      scored.map((forecast) => forecast.model),
      scored.map(({ row }) => truth(row.market_id)),
    );
    expect(bins.length).toBeGreaterThan(3);
    for (const { n, stated, observed } of bins)
      if (n >= 200) expect(Math.abs(stated - observed)).toBeLessThan(0.05);
  });

  it("rise, or stay, when a market is frozen", () => {
    const frozen = panel.map((series) => {
      const last = series.days.length - 1;
      return { ...series, frozen: series.frozen.map((value, index) => (index === last ? 1 : value)) };
    });
    const before = illiquidityProbabilities(model, panel);
    illiquidityProbabilities(model, frozen).forEach(({ probability }, index) => {
      expect(probability).toBeGreaterThanOrEqual(before[index]?.probability ?? Number.NaN);
    });
  });
});

describe("small data", () => {
  const days = (count: number, frozenFrom = count) =>
    Array.from({ length: count }, (_unused, day) => ({
      day,
      frozen: day >= frozenFrom ? (1 as const) : (0 as const),
    }));

  it("is served by a baseline that never states certainty", () => {
    const panel = [lendingMarket("calm", days(80)), lendingMarket("frozen", days(80, 0))];
    const forecasts = illiquidityProbabilities(trained(panel), panel);
    expect(forecasts.map(({ served_by }) => served_by)).toEqual(["state_frequency", "state_frequency"]);
    expect(forecasts[0]?.probability).toBeGreaterThan(0);
    expect(forecasts[0]?.probability).toBeLessThan(0.05);
    expect(forecasts[1]?.probability).toBeLessThan(1);
    expect(forecasts[1]?.probability).toBeGreaterThan(0.95);
  });

  it("is served by how often each state was followed by the event when there is no walk-forward forecast", () => {
    const panel = [lendingMarket("calm", days(16))];
    expect(trained(panel)).toMatchObject({
      decision: { served_by: "state_frequency", n: 0, brier: null },
      report: null,
    });
    // Two known outcomes, none of them an event: ½ / 3.
    expect(illiquidityProbabilities(trained(panel), panel)[0]?.probability).toBeCloseTo(1 / 6, 12);
  });

  it("without a known outcome gives no model and no report", () => {
    const panel = [lendingMarket("new", days(14))];
    expect(trainIlliquidity(panel, options)).toBeUndefined();
    expect(evaluateIlliquidity(panel, options)).toBeUndefined();
    expect(trainIlliquidity([], options)).toBeUndefined();
  });
});

describe("the report", () => {
  it("scores markets that are not illiquid today apart, against the base rate of just those", () => {
    const { panel } = hazardPanel({ markets: 20, days: 140, seed: 2 });
    const frozen = Array.from({ length: 140 }, (_unused, day) => ({ day: 20_000 + day, frozen: 1 as const }));
    const report = evaluateIlliquidity([...panel, lendingMarket("frozen", frozen)], options);
    expect(report?.onset?.forecasts).toBeLessThan(report?.forecasts ?? 0);
    expect(report?.onset?.skill_reference).toBe("state_frequency");
    expect(report?.onset?.baselines.find(({ name }) => name === "state_frequency")?.skill).toBe(0);
    expect(report?.baselines.find(({ name }) => name === "base_rate")?.skill).toBe(0);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("covers the test period only, and ends with progress 1", () => {
    const { panel } = hazardPanel({ markets: 5, days: 140, seed: 2 });
    const progress: number[] = [];
    const report = evaluateIlliquidity(panel, {
      ...options,
      onProgress: (fraction) => progress.push(fraction),
    });
    expect(report?.forecasts).toBe(5 * 60);
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
    expect(progress.at(-1)).toBe(1);
  });
});

describe("refusals", () => {
  const { panel } = hazardPanel({ markets: 5, days: 80, seed: 2 });

  it("gives DEX pools no probability", () => {
    const pools = syntheticPanel({ markets: 2, days: 80, seed: 1 });
    const named = pools.map((series) => ({ ...series, market_id: `dex-${series.market_id}` }));
    expect(trainIlliquidity(named, options)).toBeUndefined();
    const forecasts = illiquidityProbabilities(trained(panel), [...named, ...panel]);
    expect(forecasts.map(({ market_id }) => market_id)).toEqual(panel.map(({ market_id }) => market_id));
  });

  it("stops when asked to", () => {
    const abort = () => trainIlliquidity(panel, { ...options, signal: { aborted: true } });
    expect(abort).toThrow(expect.objectContaining({ code: "ABORTED" }));
  });

  it.each([{ backtestDays: 0 }, { backtestDays: 1.5 }, { seed: Number.NaN }])("rejects %o", (wrong) => {
    const train = () => trainIlliquidity(panel, { ...options, ...wrong });
    expect(train).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
  });

  it("does not read another version, or one of other features", () => {
    const model = trained(panel);
    const unsupported = expect.objectContaining({ code: "UNSUPPORTED_ARTEFACT" });
    const read = (changed: object) => () => readIlliquidity({ ...model, ...changed });
    expect(read({})).not.toThrow();
    expect(read({ format_version: 1 })).toThrow(unsupported);
    expect(read({ feature_names: ["other"] })).toThrow(unsupported);
  });
});
