import { createRandom } from "@obsqra/forest";
import type { MarketSeries } from "../panel/market-series.ts";

/** How the daily APY of a synthetic market comes about. Test code only. */
export type Process = "autoregressive" | "random-walk" | "constant";

/** A seeded panel of markets m0, m1, … in protocols p0 … p2, starting on day 19,000. */
export function syntheticPanel(options: {
  markets: number;
  days: number;
  seed: number;
  process?: Process;
  gapShare?: number;
}): MarketSeries[] {
  const random = createRandom(options.seed);
  const normal = () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.nextFloat()));
    return radius * Math.cos(2 * Math.PI * random.nextFloat());
  };
  return Array.from({ length: options.markets }, (_unused, market) => {
    const days: number[] = [];
    const apy: number[] = [];
    const tvl: number[] = [];
    const mean = 2 + normal();
    const spread = 0.1 + 0.4 * random.nextFloat();
    let state = mean;
    for (let day = 0; day < options.days; day += 1) {
      const shock = spread * normal();
      if (options.process === "random-walk") state += 0.3 * shock;
      else if (options.process === "constant") state = 2;
      else state = mean + 0.8 * (state - mean) + shock;
      if (random.nextFloat() < (options.gapShare ?? 0) && day > 0) continue;
      days.push(19_000 + day);
      apy.push(Math.exp(state));
      tvl.push(Math.exp(15 + 0.5 * normal()));
    }
    return {
      market_id: `m${market}`,
      protocol: `p${market % 3}`,
      kind: "dex",
      days: Int32Array.from(days),
      apy: Float64Array.from(apy),
      apy_base: Float64Array.from(apy),
      apy_reward: new Float64Array(apy.length),
      tvl_usd: Float64Array.from(tvl),
      utilization: new Float64Array(apy.length).fill(Number.NaN),
      frozen: new Uint8Array(apy.length),
      audit_score: 80,
      launched_day: 18_800,
    };
  });
}

/** The same panel with everything after `lastDay` replaced by other values. */
export function rewriteFuture(
  panel: readonly MarketSeries[],
  lastDay: number,
  factor: number,
): MarketSeries[] {
  return panel.map((series) => {
    const later = (values: Float64Array) =>
      values.map((value, index) => ((series.days[index] ?? 0) > lastDay ? value * factor + 1 : value));
    return {
      ...series,
      apy: later(series.apy),
      apy_reward: later(series.apy_reward),
      tvl_usd: later(series.tvl_usd),
    };
  });
}
