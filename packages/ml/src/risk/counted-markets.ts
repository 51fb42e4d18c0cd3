import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { riskMetricsAt } from "./risk-metrics.ts";

/** A market this many days behind its protocol's newest risk score still counts. */
export const staleDays = 3;

/**
 * The markets that make up the figures of their protocol, by id: those whose newest risk score is at most {@link staleDays} days older
 * than the protocol's. One without is left out of its yield, too: it may not recommend a protocol whose risk is told by the others
 * alone. Where a protocol has no others, it has no risk forecast, and is not recommended.
 */
export function countedMarkets(panel: readonly MarketSeries[]): Set<string> {
  const scored = panel.map((series) => ({ series, day: lastScoredDay(series) }));
  const newest = new Map<string, number>();
  for (const { series, day } of scored) {
    newest.set(series.protocol, Math.max(day, newest.get(series.protocol) ?? Number.NEGATIVE_INFINITY));
  }
  return new Set(
    scored
      .filter(
        ({ series, day }) => Number.isFinite(day) && day >= (newest.get(series.protocol) ?? day) - staleDays,
      )
      .map(({ series }) => series.market_id),
  );
}

/** The newest day of a risk score; −Infinity without any. */
function lastScoredDay(series: MarketSeries): number {
  for (let index = series.days.length - 1; index >= 0; index -= 1) {
    if (riskMetricsAt(series, index) !== undefined) return at(series.days, index);
  }
  return Number.NEGATIVE_INFINITY;
}
