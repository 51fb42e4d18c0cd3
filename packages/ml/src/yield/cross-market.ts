import { at, signedLog } from "../numbers.ts";
import type { DailyGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { trailingMean } from "../panel/rolling.ts";

/** What the yield model reads of the other markets, in column order. */
export const crossMarketFeatureNames = [
  "panel_change_1d",
  "panel_change_7d",
  "protocol_change_7d",
  "above_protocol_level",
] as const;

/** @see crossMarketFeatureNames */
export type CrossMarketFeatures = Record<(typeof crossMarketFeatureNames)[number], Float64Array>;

/** A market laid out on its daily grid. */
export interface GriddedMarket {
  series: MarketSeries;
  grid: DailyGrid;
  apy: Float64Array;
}

/**
 * How the whole panel, and the market's protocol, moved: the mean over markets of the change of log APY in
 * 1 and of log 7-day mean in 7 days, and the market's own level less its protocol's mean level. A value at
 * day d reads days ≤ d only, of all markets. O(total days).
 */
export function crossMarketFeatures(markets: readonly GriddedMarket[]): CrossMarketFeatures[] {
  const firstDay = Math.min(...markets.map(({ grid }) => grid.firstDay));
  const lastDay = Math.max(...markets.map(({ grid }) => grid.firstDay + grid.dayCount));
  const newMeans = () => dailyMeans(firstDay, Math.max(0, lastDay - firstDay));
  const panel = { change1: newMeans(), change7: newMeans() };
  const protocols = new Map<string, { change7: DailyMeans; level: DailyMeans }>();
  const prepared = markets.map(({ series, grid, apy }) => {
    const protocol = protocols.get(series.protocol) ?? { change7: newMeans(), level: newMeans() };
    protocols.set(series.protocol, protocol);
    const logs = apy.map(signedLog);
    const level = trailingMean(apy, 7).map(signedLog);
    for (let offset = 0; offset < grid.dayCount; offset += 1) {
      // A gap counts for nothing: on its day, nobody knows yet whether the market will be seen again.
      if (Number.isNaN(at(apy, offset))) continue;
      const day = grid.firstDay + offset;
      const change7 = at(level, offset) - at(level, offset - 7);
      panel.change1.add(day, at(logs, offset) - at(logs, offset - 1));
      panel.change7.add(day, change7);
      protocol.change7.add(day, change7);
      protocol.level.add(day, at(level, offset));
    }
    return { grid, level, protocol };
  });
  return prepared.map(({ grid, level, protocol }) => {
    const perDay = (read: (day: number, offset: number) => number) =>
      level.map((_value, offset) => read(grid.firstDay + offset, offset));
    return {
      panel_change_1d: perDay(panel.change1.mean),
      panel_change_7d: perDay(panel.change7.mean),
      protocol_change_7d: perDay(protocol.change7.mean),
      above_protocol_level: perDay((day, offset) => at(level, offset) - protocol.level.mean(day)),
    };
  });
}

interface DailyMeans {
  /** Adds a value to a day; NaN is ignored. */
  add(day: number, value: number): void;
  /** The mean of a day's values; NaN without any. */
  mean(day: number): number;
}

function dailyMeans(firstDay: number, dayCount: number): DailyMeans {
  const sums = new Float64Array(dayCount);
  const counts = new Int32Array(dayCount);
  return {
    add(day, value) {
      if (Number.isNaN(value)) return;
      sums[day - firstDay] = at(sums, day - firstDay) + value;
      counts[day - firstDay] = at(counts, day - firstDay) + 1;
    },
    mean(day) {
      const count = at(counts, day - firstDay);
      return count > 0 ? at(sums, day - firstDay) / count : Number.NaN;
    },
  };
}
