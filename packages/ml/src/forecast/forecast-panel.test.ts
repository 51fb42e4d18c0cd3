import { describe, expect, it } from "vitest";
import { canonicalJson, sha256Hex, utf8 } from "../model-format/content-hash.ts";
import { loadModel } from "../model-format/model-artefact.ts";
import { at, sum } from "../numbers.ts";
import { byMarketId, truncateSeries } from "../panel/market-series.ts";
import { newestRows } from "../panel/sample-table.ts";
import { expectHonest } from "../test-support/expect-honest.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { rewriteFuture, syntheticPanel } from "../test-support/synthetic-panel.ts";
import { trainModel } from "../training/train-models.ts";
import { forecastPanel, forecastRevision } from "./forecast-panel.ts";
import { forecastTask } from "./forecast-task.ts";
import type { MarketForecast } from "./forecast-types.ts";
import { projectedValues } from "./point-forecast.ts";

const options = { horizonDays: 7, backtestDays: 40, seed: 11, scoreRisk };
const panel = syntheticPanel({ markets: 9, days: 150, seed: 1, gapShare: 0.05 });
/** The hashes of the forecasts. */
const known = {
  risk: "07d0f47618443ca6b6c32a8a24c2d09e86dc376bebf6fb3c4a5ab99737c18ad7",
  yield: "e9c5886453424597d67072999c45d91d89076566ecb51c7d740421010524392c",
};
const lastDay = 19_149;
const trainedOn = 19_120;
const past = panel.map((series) => truncateSeries(series, trainedOn));

describe.each(["risk", "yield"] as const)("%s forecasts", (kind) => {
  const model = loadModel(trainModel(kind, past, options));

  it("are complete, ordered and finite", () => {
    const { markets, protocols } = forecastPanel(model, panel, { scoreRisk });
    expect(markets.map(({ market_id }) => market_id)).toEqual(panel.map(({ market_id }) => market_id));
    expect(protocols.map(({ protocol }) => protocol)).toEqual(["p0", "p1", "p2"]);
    expectHonest([...markets, ...protocols]);
    for (const forecast of markets) expect(forecast.target_day).toBe(forecast.as_of_day + 7);
  });

  it("are those of their revision of the arithmetic", () => {
    // Where a forecast differs on purpose, forecastRevision is the next number: a verifier of today does not try to make those of the last
    // one again. Where only the training differs, as it may, the number stays.
    const made = sha256Hex(
      utf8(canonicalJson(forecastPanel({ ...model, version: "" }, panel, { scoreRisk }))),
    );
    expect([forecastRevision, made]).toEqual([2, known[kind]]);
  });

  it("say what they are made up of, which sums to them, and are the same as without", () => {
    const explained = forecastPanel(model, panel, { scoreRisk, isExplained: true });
    const withoutWhy = ({ explanation: _, ...forecast }: MarketForecast) => forecast;
    expect(explained.markets.map(withoutWhy)).toEqual(forecastPanel(model, panel, { scoreRisk }).markets);
    const moved: number[] = [];
    for (const { value, explanation } of [...explained.markets, ...explained.protocols]) {
      const { naive, start, features, others } = explanation ?? expect.fail("It has no explanation.");
      const sizes = features.map(({ contribution }) => Math.abs(contribution));
      expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
      expect(features.length).toBeLessThanOrEqual(8);
      expect(naive + start + sum(features.map(({ contribution }) => contribution)) + others).toBeCloseTo(
        value,
        9,
      );
      moved.push(sum(sizes));
    }
    expect(Math.max(...moved)).toBeGreaterThan(0.01);
  });

  it("leave to naive forecasts exactly what these say by their weights", () => {
    const { markets } = forecastPanel(model, panel, { scoreRisk, isExplained: true });
    const visible = [...panel].sort(byMarketId);
    const { header, space } = model;
    const task = forecastTask(kind, { horizonDays: 7, apyCapPercent: header.apy_cap_percent, scoreRisk });
    const table = task.table(visible, header.as_of_day);
    for (const row of newestRows(table)) {
      const id = visible[at(table.market, row)]?.market_id;
      const { details, explanation } = markets.find(({ market_id }) => market_id === id) ?? expect.fail();
      const said = details.experts.map(({ name, weight }) => {
        if (name === "model") return 0;
        if (name === "projection")
          return weight * at(projectedValues({ table, task }, space, Int32Array.of(row)), 0);
        return weight * at(table.baselines[name], row);
      });
      expect(explanation?.naive).toBeCloseTo(sum(said), 9);
    }
  });

  it("do not depend on the order of the panel", () => {
    const { markets } = forecastPanel(model, panel, { scoreRisk });
    expect(forecastPanel(model, [...panel].reverse(), { scoreRisk }).markets).toEqual([...markets].reverse());
  });

  it("of a past day are not changed by anything that happened later", () => {
    for (const asOfDay of [trainedOn - 10, trainedOn, trainedOn + 15]) {
      const known = forecastPanel(model, panel, { scoreRisk, asOfDay });
      const rewritten = rewriteFuture(panel, asOfDay, 50);
      const cut = panel.map((series) => truncateSeries(series, asOfDay));
      expect(forecastPanel(model, rewritten, { scoreRisk, asOfDay })).toEqual(known);
      expect(forecastPanel(model, cut, { scoreRisk, asOfDay })).toEqual(known);
      for (const forecast of known.markets) expect(forecast.as_of_day).toBeLessThanOrEqual(asOfDay);
    }
  });

  it("take in what has become of the model's forecasts since its training", () => {
    // Markets of other protocols err differently for a while after the training; nothing that the model reads of m0 changes.
    const wild = panel.map((series) => ({
      ...series,
      apy: series.apy.map((value, position) => {
        const day = series.days[position] ?? 0;
        return series.protocol !== panel[0]?.protocol && day > trainedOn && day <= lastDay - 20
          ? value * (1 + (day % 3))
          : value;
      }),
    }));
    const [calm] = forecastPanel(model, panel, { scoreRisk }).markets;
    const [changed] = forecastPanel(model, wild, { scoreRisk }).markets;
    expect(changed?.details.experts).not.toEqual(calm?.details.experts);
    expect(changed?.details.scale).toBe(calm?.details.scale);
    expect(changed?.details.intervals).not.toEqual(calm?.details.intervals);
  });

  it("leave a market of unknown kind out of its protocol's, unless none is known; nothing is said of its risk", () => {
    const unknown = panel.map((series) =>
      series.market_id === "m0" || series.protocol === "p1"
        ? { ...series, kind: "unknown" as const }
        : series,
    );
    const { markets, protocols } = forecastPanel(model, unknown, { scoreRisk });
    const ofKnown = protocols.find(({ protocol }) => protocol === "p0");
    expect(ofKnown?.markets.map(({ market_id }) => market_id)).not.toContain("m0");
    expect(ofKnown?.markets).not.toEqual([]);
    expect(markets.some(({ market_id }) => market_id === "m0")).toBe(kind === "yield");
    expect(protocols.some(({ protocol }) => protocol === "p1")).toBe(kind === "yield");
  });

  it("of a protocol weigh its markets by TVL, equally when no TVL is known, and their sum with its last value", () => {
    const { markets, protocols } = forecastPanel(model, panel, { scoreRisk });
    const shares = protocols.map(({ protocol, value, current, details }) => {
      const members = markets.filter((market) => market.protocol === protocol);
      const total = members.reduce((sum, market) => sum + (market.details.tvl_usd ?? 0), 0);
      const weighted = (read: (market: MarketForecast) => number) =>
        members.reduce((sum, market) => sum + (read(market) * (market.details.tvl_usd ?? 0)) / total, 0);
      expect(details.weights).toBe("tvl");
      expect(current).toBeCloseTo(
        weighted((market) => market.current),
        9,
      );
      expect(details.experts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
      return (value - current) / (weighted((market) => market.value) - current);
    });
    const [share = 0] = shares;
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
    for (const each of shares) expect(each).toBeCloseTo(share, 6);
    const blind = panel.map((series) => ({ ...series, tvl_usd: series.tvl_usd.map(() => Number.NaN) }));
    for (const { details, markets: equal } of forecastPanel(model, blind, { scoreRisk }).protocols) {
      expect(details.weights).toBe("equal");
      for (const { weight } of equal) expect(weight).toBeCloseTo(1 / equal.length, 12);
    }
  });

  it("leave out markets without enough history, and markets that fell silent from their protocol", () => {
    const young = syntheticPanel({ markets: 1, days: 5, seed: 1 });
    expect(forecastPanel(model, young, { scoreRisk })).toEqual({ markets: [], protocols: [] });
    expect(forecastPanel(model, [], { scoreRisk })).toEqual({ markets: [], protocols: [] });
    const silent = panel.map((series, index) => (index === 0 ? truncateSeries(series, lastDay - 8) : series));
    const { markets, protocols } = forecastPanel(model, silent, { scoreRisk });
    expect(markets.map(({ market_id }) => market_id)).toContain("m0");
    const members = protocols.flatMap((protocol) => protocol.markets.map(({ market_id }) => market_id));
    expect(members.sort()).toEqual(["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"]);
  });

  it("refuse a model that was trained on other features", () => {
    const other = { ...model, header: { ...model.header, feature_names: ["phase_of_the_moon"] } };
    expect(() => forecastPanel(other, panel, { scoreRisk })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_ARTEFACT" }),
    );
  });
});
