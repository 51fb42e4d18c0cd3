import { createRandom } from "@obsqra/forest";
import type { MarketSeries } from "../panel/market-series.ts";

/** A lending market observed on the given days; NaN utilization = not reported. Test code only. */
export function lendingMarket(
  id: string,
  days: readonly { day: number; utilization?: number; frozen?: 0 | 1 }[],
): MarketSeries {
  const constant = (value: number) => new Float64Array(days.length).fill(value);
  return {
    market_id: id,
    protocol: "p0",
    kind: "lending",
    days: Int32Array.from(days, ({ day }) => day),
    apy: constant(3),
    apy_base: constant(3),
    apy_reward: constant(0),
    tvl_usd: constant(1e6),
    utilization: Float64Array.from(days, ({ utilization }) => utilization ?? 0.5),
    frozen: Uint8Array.from(days, ({ frozen }) => frozen ?? 0),
    audit_score: 80,
    launched_day: days[0]?.day ?? 0,
  };
}

/** Daily probability of the event in {@link hazardPanel} at a usual utilization of 0.4 to 0.95. */
export function dailyHazard(usualUtilization: number): number {
  return 0.05 * ((usualUtilization - 0.4) / 0.55) ** 3;
}

/**
 * Markets that hover around a usual utilization of their own and leap above 98 % for one day with the known daily
 * probability, independently of everything else: within 14 days, 1 − (1 − hazard)^14.
 */
export function hazardPanel(options: { markets: number; days: number; seed: number }): {
  panel: MarketSeries[];
  /** By market id. */
  usualUtilization: Map<string, number>;
} {
  const random = createRandom(options.seed);
  const usualUtilization = new Map<string, number>();
  const panel = Array.from({ length: options.markets }, (_unused, market) => {
    const usual = 0.4 + 0.55 * random.nextFloat();
    usualUtilization.set(`m${market}`, usual);
    const days = Array.from({ length: options.days }, (_day, index) => ({
      day: 20_000 + index,
      utilization: random.nextFloat() < dailyHazard(usual) ? 0.99 : usual + 0.02 * (random.nextFloat() - 0.5),
    }));
    return lendingMarket(`m${market}`, days);
  });
  return { panel, usualUtilization };
}
