import { at } from "../numbers.ts";
import { dailyGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";

/** Days ahead that the forecast covers: the event may happen on day t + 1 up to and including day t + 14. */
export const illiquidityHorizonDays = 14;

/** Borrowed / supplied above which depositors can hardly withdraw; exactly this much is not yet illiquid. */
export const illiquidUtilization = 0.98;

/** Fewest observed days of the 14 from which "it did not happen" is concluded. */
export const illiquidityObservedDaysMin = 10;

/** What the probability means. Served with it. */
export const illiquidityDefinition =
  `Probability that the market is frozen, or its utilization exceeds ${illiquidUtilization * 100} %, on at least one ` +
  `observed day of the next ${illiquidityHorizonDays}. Markets that are in that state today are included.`;

/** Markets that can become illiquid in this sense. A DEX pool lends nothing; of an unknown kind nothing is claimed. */
export function isLendingMarket(series: MarketSeries): boolean {
  return series.kind === "lending";
}

/**
 * Per observed day 1 where the market is illiquid, else 0. Every observation counts, also one without a utilization:
 * reserves that nobody may borrow never report one, and still can be frozen.
 */
export function illiquidDays(series: MarketSeries): Uint8Array {
  return series.frozen.map((frozen, index) =>
    frozen === 1 || at(series.utilization, index) > illiquidUtilization ? 1 : 0,
  );
}

/**
 * Per observed day t: 1 when the market is illiquid on an observed day of t + 1 … t + 14, 0 when it is not on any and at
 * least 10 of them are observed, NaN otherwise.
 *
 * NaN too while the window ends after `lastKnownDay`: there, only the events would be known, and not yet their absence,
 * so the newest days would look far too dangerous.
 */
export function illiquidityOutcomes(series: MarketSeries, lastKnownDay: number): Float64Array {
  const grid = dailyGrid(series.days);
  const illiquid = illiquidDays(series);
  return Float64Array.from(series.days, (day) => {
    if (day + illiquidityHorizonDays > lastKnownDay) return Number.NaN;
    let observed = 0;
    for (let ahead = 1; ahead <= illiquidityHorizonDays; ahead += 1) {
      const index = grid.observationIndex[day + ahead - grid.firstDay] ?? -1;
      if (index < 0) continue;
      if (illiquid[index] === 1) return 1;
      observed += 1;
    }
    return observed >= illiquidityObservedDaysMin ? 0 : Number.NaN;
  });
}
