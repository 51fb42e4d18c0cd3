import { MlError } from "../ml-error.ts";
import { at } from "../numbers.ts";

/**
 * One market's daily series: a lending reserve or a DEX pool. All arrays are aligned with `days`; NaN means
 * unknown or flagged. Structured-cloneable, so it can be posted to a worker thread.
 */
export interface MarketSeries {
  market_id: string;
  protocol: string;
  kind: MarketKind;
  /** UTC days since the epoch, strictly increasing; gaps allowed. */
  days: Int32Array;
  /** Total supply APY in percent. */
  apy: Float64Array;
  /** The part of `apy` that comes from fees or interest, in percent. */
  apy_base: Float64Array;
  /** The part of `apy` that comes from incentives, in percent; 0 when there are none. */
  apy_reward: Float64Array;
  tvl_usd: Float64Array;
  /** Borrowed / supplied, 0 to 1; not read of a DEX pool. */
  utilization: Float64Array;
  /** 1 where the market accepted no new positions. */
  frozen: Uint8Array;
  /** 0 to 100, from the curated registry. */
  audit_score: number;
  /** Day of launch since the epoch; the first observation when unknown. */
  launched_day: number;
}

/** `unknown` has no risk: nothing tells whether its utilization counts. */
export type MarketKind = "lending" | "dex" | "unknown";

/** A century: a longer span can only be a unit mistake (seconds or milliseconds passed as days). */
const spanDaysMax = 36_525;

/**
 * Rejects a malformed series before it can spoil a model.
 *
 * @throws MlError `INVALID_SERIES` when arrays are not aligned, days do not increase, the span exceeds a
 * century, or the audit score or launch day is not usable.
 */
function assertSeries(series: MarketSeries): void {
  const { days, market_id: id } = series;
  const columns = [
    series.apy,
    series.apy_base,
    series.apy_reward,
    series.tvl_usd,
    series.utilization,
    series.frozen,
  ];
  if (columns.some((column) => column.length !== days.length)) {
    throw new MlError("INVALID_SERIES", `Arrays of ${id} are not aligned with its days.`);
  }
  for (let index = 1; index < days.length; index += 1) {
    if (at(days, index) <= at(days, index - 1)) {
      throw new MlError("INVALID_SERIES", `Days of ${id} are not strictly increasing at index ${index}.`);
    }
  }
  if (days.length > 0 && at(days, days.length - 1) - at(days, 0) > spanDaysMax) {
    throw new MlError("INVALID_SERIES", `Days of ${id} span more than a century; are they seconds?`);
  }
  if (!(series.audit_score >= 0 && series.audit_score <= 100)) {
    throw new MlError("INVALID_SERIES", `Audit score of ${id} is not between 0 and 100.`);
  }
  if (!Number.isFinite(series.launched_day)) {
    throw new MlError("INVALID_SERIES", `Launch day of ${id} is not a number.`);
  }
}

/**
 * Checks every series and that no market appears twice.
 *
 * @throws MlError `INVALID_SERIES`
 */
export function assertPanel(panel: readonly MarketSeries[]): void {
  const seen = new Set<string>();
  for (const series of panel) {
    if (seen.has(series.market_id)) {
      throw new MlError("INVALID_SERIES", `Market ${series.market_id} appears twice in the panel.`);
    }
    seen.add(series.market_id);
    assertSeries(series);
  }
}

/** Markets by id, compared by code unit so that the order does not depend on a locale. */
export function byMarketId(left: MarketSeries, right: MarketSeries): number {
  return left.market_id < right.market_id ? -1 : left.market_id > right.market_id ? 1 : 0;
}

/** The newest day that any market was observed on; −Infinity without any. */
export function lastDayOf(panel: readonly MarketSeries[]): number {
  return panel.reduce(
    (newest, { days }) => (days.length === 0 ? newest : Math.max(newest, at(days, days.length - 1))),
    Number.NEGATIVE_INFINITY,
  );
}

/** The series as it was known at the end of `lastDay`: later observations are dropped. Views, not copies. */
export function truncateSeries(series: MarketSeries, lastDay: number): MarketSeries {
  let end = series.days.length;
  while (end > 0 && at(series.days, end - 1) > lastDay) end -= 1;
  return {
    ...series,
    days: series.days.subarray(0, end),
    apy: series.apy.subarray(0, end),
    apy_base: series.apy_base.subarray(0, end),
    apy_reward: series.apy_reward.subarray(0, end),
    tvl_usd: series.tvl_usd.subarray(0, end),
    utilization: series.utilization.subarray(0, end),
    frozen: series.frozen.subarray(0, end),
  };
}
