import type { Matrix } from "@obsqra/forest";
import { at } from "../numbers.ts";
import { dailyGrid, spreadOnGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { trailingDeviation, trailingMax, trailingMean, trailingMin } from "../panel/rolling.ts";
import {
  illiquidDays,
  illiquidityHorizonDays,
  illiquidityOutcomes,
  isLendingMarket,
} from "./illiquidity-event.ts";

/**
 * What the forest sees, with the direction in which the probability may move. Tried as well on real data, and left out
 * because none of them lowered the walk-forward Brier score: jumps and range of the APY, share of markets under stress,
 * mean utilization of all markets, past frequency of the event, share of all past days in the state.
 */
export const illiquidityFeatureDirections = {
  illiquid: 1,
  frozen: 1,
  utilization: 1,
  utilization_max_7d: 1,
  utilization_max_30d: 1,
  utilization_mean_7d: 1,
  utilization_min_7d: 1,
  utilization_deviation_30d: 0,
  days_since_illiquid: -1,
  illiquid_share_30d: 1,
} as const satisfies Record<string, -1 | 0 | 1>;

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
  /** In the order of {@link illiquidityFeatureDirections}; NaN = unknown. */
  features: Float64Array;
}

/** Beyond two months, how long ago it was says nothing more. */
const daysSinceMax = 60;

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
  return lending.flatMap((series) => marketRows(series, illiquidityOutcomes(series, lastKnownDay)));
}

/** The features of some rows, one line each. */
export function illiquidityMatrix(rows: readonly IlliquidityRow[]): Matrix {
  const columnCount = Object.keys(illiquidityFeatureDirections).length;
  const values = new Float64Array(rows.length * columnCount);
  rows.forEach((row, position) => {
    values.set(row.features, position * columnCount);
  });
  return { rowCount: rows.length, columnCount, values };
}

function marketRows(series: MarketSeries, outcomes: Float64Array): IlliquidityRow[] {
  const illiquid = illiquidDays(series);
  const features = marketFeatures(series, illiquid);
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
function marketFeatures(series: MarketSeries, illiquid: Uint8Array): (day: number) => Float64Array {
  const grid = dailyGrid(series.days);
  const utilization = spreadOnGrid(grid, series.utilization);
  const state = spreadOnGrid(grid, illiquid);
  const columns: Record<keyof typeof illiquidityFeatureDirections, Float64Array> = {
    illiquid: state,
    frozen: spreadOnGrid(grid, series.frozen),
    utilization,
    utilization_max_7d: trailingMax(utilization, 7),
    utilization_max_30d: trailingMax(utilization, 30),
    utilization_mean_7d: trailingMean(utilization, 7),
    utilization_min_7d: trailingMin(utilization, 7),
    utilization_deviation_30d: trailingDeviation(utilization, 30),
    days_since_illiquid: daysSinceIlliquid(state),
    illiquid_share_30d: trailingMean(state, 30),
  };
  const names = Object.keys(illiquidityFeatureDirections) as (keyof typeof illiquidityFeatureDirections)[];
  return (day) => Float64Array.from(names, (name) => at(columns[name], day - grid.firstDay));
}

function daysSinceIlliquid(state: Float64Array): Float64Array {
  let last = Number.NEGATIVE_INFINITY;
  return state.map((illiquid, day) => {
    if (illiquid === 1) last = day;
    return Math.min(daysSinceMax, day - last);
  });
}
