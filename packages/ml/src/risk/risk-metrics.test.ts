import { describe, expect, it } from "vitest";
import type { MarketSeries } from "../panel/market-series.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { liquidityTier, riskHistory, riskMetricsAt } from "./risk-metrics.ts";

const days = 40;

function series(change: Partial<MarketSeries> = {}): MarketSeries {
  return {
    market_id: "m",
    protocol: "p",
    kind: "lending",
    days: Int32Array.from({ length: days }, (_unused, day) => 20_000 + day),
    apy: Float64Array.from({ length: days }, (_unused, day) => 5 + (day % 2)),
    apy_base: new Float64Array(days),
    apy_reward: new Float64Array(days),
    tvl_usd: new Float64Array(days).fill(12_000_000),
    utilization: new Float64Array(days).fill(0.75),
    frozen: new Uint8Array(days),
    audit_score: 90,
    launched_day: 19_900,
    ...change,
  };
}

describe("riskMetricsAt", () => {
  it("measures volatility as the sample deviation of 30 daily APYs in basis points", () => {
    // 15 fives and 15 sixes: sum of squares 30 · 0.25, so sqrt(7.5 / 29) percentage points.
    expect(riskMetricsAt(series(), 39)).toEqual({
      utilization_bp: 7500,
      volatility_bp: Math.round(100 * Math.sqrt(7.5 / 29)),
      liquidity_tier: 1,
      audit_score: 90,
      age_days: 139,
    });
  });

  it("is undefined with fewer than 7 observed APYs in the window", () => {
    expect(riskMetricsAt(series(), 5)).toBeUndefined();
    expect(riskMetricsAt(series(), 6)).toBeDefined();
    expect(riskMetricsAt(series({ apy: new Float64Array(days).fill(Number.NaN) }), 39)).toBeUndefined();
    expect(riskMetricsAt(series(), days)).toBeUndefined();
  });

  it("counts calendar days, so observations before a long gap do not count", () => {
    const late = Int32Array.from({ length: days }, (_unused, day) => (day < 35 ? 20_000 : 21_000) + day);
    expect(riskMetricsAt(series({ days: late }), 39)).toBeUndefined();
  });

  it("is undefined for a market of unknown kind, whatever else is known", () => {
    expect(riskMetricsAt(series({ kind: "unknown" }), 39)).toBeUndefined();
  });

  it("limits volatility to 10,000", () => {
    const apy = Float64Array.from({ length: days }, (_unused, day) => (day === 39 ? 1e6 : 5));
    expect(riskMetricsAt(series({ apy }), 39)?.volatility_bp).toBe(10_000);
  });

  it("has utilization 0 for an AMM and none for a lending market that does not report it", () => {
    const utilization = new Float64Array(days).fill(Number.NaN);
    expect(riskMetricsAt(series({ kind: "dex" }), 39)?.utilization_bp).toBe(0);
    expect(riskMetricsAt(series({ utilization }), 39)).toBeUndefined();
    utilization[34] = 0.5;
    expect(riskMetricsAt(series({ utilization }), 39)?.utilization_bp).toBe(5000);
  });

  it("puts an unknown TVL in the worst tier, after a week of grace", () => {
    const tvl_usd = new Float64Array(days).fill(Number.NaN);
    tvl_usd[30] = 60_000_000;
    expect(riskMetricsAt(series({ tvl_usd }), 37)?.liquidity_tier).toBe(0);
    expect(riskMetricsAt(series({ tvl_usd }), 38)?.liquidity_tier).toBe(3);
  });
});

it("sorts TVL into the RiskEngine's tiers", () => {
  expect([5e7, 5e7 - 1, 1e7, 1e7 - 1, 1e6, 1e6 - 1, Number.NaN].map(liquidityTier)).toEqual([
    0, 1, 1, 2, 2, 3, 3,
  ]);
});

describe("riskHistory", () => {
  it("equals riskMetricsAt on every day with enough history, and leaves the others out", () => {
    const [market] = syntheticPanel({ markets: 1, days: 120, seed: 3, gapShare: 0.4 });
    if (market === undefined) throw new Error("empty panel");
    const history = riskHistory(market, scoreRisk);
    const expected = Array.from(market.days, (day, index) => ({
      day,
      metrics: riskMetricsAt(market, index),
    }));
    expect(history.map(({ day, metrics }) => ({ day, metrics }))).toEqual(
      expected.filter(({ metrics }) => metrics !== undefined),
    );
    for (const { metrics, score } of history) expect(score).toBe(scoreRisk(metrics));
  });

  it("is not changed by later observations", () => {
    const [market] = syntheticPanel({ markets: 1, days: 90, seed: 4 });
    if (market === undefined) throw new Error("empty panel");
    const cut = { ...market, days: market.days.subarray(0, 60) };
    expect(riskHistory(market, scoreRisk).slice(0, 54)).toEqual(riskHistory(cut, scoreRisk));
  });
});
