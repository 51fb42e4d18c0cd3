import { exp } from "../deterministic-math.ts";
import { at } from "../numbers.ts";
import { dailyGrid, spreadOnGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { trailingMax, trailingMean } from "../panel/rolling.ts";
import {
  illiquidDays,
  illiquidityHorizonDays,
  illiquidityOutcomes,
  illiquidUtilization,
  isLendingMarket,
} from "./illiquidity-event.ts";

/** What the hazard depends on; it rises, or stays, with each. All lie between 0 and about 1, and are 0 where nothing is known. */
export const illiquidityFeatureNames = [
  // Utilization beyond 60, 85 and 93 %, so that its effect may grow towards the cap.
  "utilization_above_60",
  "utilization_above_85",
  "utilization_above_93",
  "utilization_max_7d_above_80",
  "utilization_max_30d_above_80",
  "illiquid_recently",
  "illiquid_share_30d",
  "approach",
  "markets_under_stress",
] as const;

/** What was known of one lending market at the end of one observed day, and what happened in the 14 days after it. */
export interface IlliquidityRow {
  market_id: string;
  day: number;
  /** 1 when the market is illiquid on this very day. */
  illiquid: number;
  /** 1, 0, or NaN when it is not known (yet). */
  outcome: number;
  /** Earlier days of this market whose outcome was known at the end of `day`, and how many of those were 1. */
  past_outcomes: number;
  past_events: number;
  /** In the order of {@link illiquidityFeatureNames}. */
  features: Float64Array;
}

/** After so many days, a day on which the market was illiquid counts e times less. */
const memoryDays = 20;
/** Over so many days a rise of utilization is measured, at most so many more where days are missing. */
const riseDays = 7;
const riseGapMax = 2;
/** From this utilization on a market is under stress. */
const stressedUtilization = 0.9;

/**
 * One row per lending market and observed day, by market id and day, so that what is learned from them does not depend on
 * the order of the panel. O(days · 30).
 */
export function illiquidityRows(panel: readonly MarketSeries[]): IlliquidityRow[] {
  // Compared by code unit: the order must not depend on a locale.
  const lending = panel
    .filter(isLendingMarket)
    .sort((left, right) => (left.market_id < right.market_id ? -1 : 1));
  const lastKnownDay = lending.reduce(
    (latest, { days }) => Math.max(latest, days.at(-1) ?? latest),
    Number.NEGATIVE_INFINITY,
  );
  const stress = stressByDay(lending);
  return lending.flatMap((series) => marketRows(series, illiquidityOutcomes(series, lastKnownDay), stress));
}

/** The share of the markets observed on a day that are under stress, by day. */
function stressByDay(markets: readonly MarketSeries[]): (day: number) => number {
  const counts = new Map<number, { observed: number; stressed: number }>();
  for (const { days, utilization } of markets) {
    days.forEach((day, index) => {
      const count = counts.get(day) ?? { observed: 0, stressed: 0 };
      counts.set(day, count);
      count.observed += 1;
      if (at(utilization, index) > stressedUtilization) count.stressed += 1;
    });
  }
  return (day) => {
    const { observed, stressed } = counts.get(day) ?? { observed: 1, stressed: 0 };
    return stressed / observed;
  };
}

function marketRows(
  series: MarketSeries,
  outcomes: Float64Array,
  stress: (day: number) => number,
): IlliquidityRow[] {
  const illiquid = illiquidDays(series);
  const features = marketFeatures(series, illiquid, stress);
  let known = 0;
  const past = { past_outcomes: 0, past_events: 0 };
  return Array.from(series.days, (day, index) => {
    for (; at(series.days, known) + illiquidityHorizonDays <= day; known += 1) {
      const outcome = at(outcomes, known);
      if (Number.isNaN(outcome)) continue;
      past.past_outcomes += 1;
      past.past_events += outcome;
    }
    return {
      market_id: series.market_id,
      day,
      illiquid: at(illiquid, index),
      outcome: at(outcomes, index),
      ...past,
      features: features(day),
    };
  });
}

/** A function that gives the features of a day; the columns are computed once. */
function marketFeatures(
  series: MarketSeries,
  illiquid: Uint8Array,
  stress: (day: number) => number,
): (day: number) => Float64Array {
  const grid = dailyGrid(series.days);
  const utilization = spreadOnGrid(grid, series.utilization);
  const state = spreadOnGrid(grid, illiquid);
  const max7 = trailingMax(utilization, 7);
  const max30 = trailingMax(utilization, 30);
  const share30 = trailingMean(state, 30);
  const since = daysSinceIlliquid(state);
  return (day) => {
    const index = day - grid.firstDay;
    const now = at(utilization, index);
    const values: Record<(typeof illiquidityFeatureNames)[number], number> = {
      utilization_above_60: above(now, 0.6),
      utilization_above_85: above(now, 0.85),
      utilization_above_93: above(now, 0.93),
      utilization_max_7d_above_80: above(at(max7, index), 0.8),
      utilization_max_30d_above_80: above(at(max30, index), 0.8),
      illiquid_recently: exp(-at(since, index) / memoryDays),
      illiquid_share_30d: at(share30, index),
      approach: approachOf(utilization, index),
      markets_under_stress: 5 * stress(day),
    };
    return Float64Array.from(illiquidityFeatureNames, (name) =>
      Number.isNaN(values[name]) ? 0 : values[name],
    );
  };
}

/** How far a utilization is above a floor, as a share of the way from there to all that was supplied. */
function above(utilization: number, floor: number): number {
  return Math.max(0, utilization - floor) / (1 - floor);
}

/** How much of the way to being illiquid the market goes within the horizon, if utilization rises as it did in the last week; at most 1. */
function approachOf(utilization: Float64Array, index: number): number {
  const now = at(utilization, index);
  for (let back = riseDays; back <= riseDays + riseGapMax; back += 1) {
    const then = at(utilization, index - back);
    if (Number.isNaN(then)) continue;
    const rise = (Math.max(0, now - then) / riseDays) * illiquidityHorizonDays;
    return Math.min(1, rise / Math.max(1 - illiquidUtilization, illiquidUtilization - now));
  }
  return 0;
}

/** 10,000 before the first. */
function daysSinceIlliquid(state: Float64Array): Float64Array {
  let last = -10_000;
  return state.map((illiquid, day) => {
    if (illiquid === 1) last = day;
    return day - last;
  });
}
