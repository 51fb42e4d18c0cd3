import type { MarketObservation } from "../market-source.ts";

/** A change from one row to a later one by more than this factor is a jump. */
const jumpFactor = 10;
/** So many rows before the newest are looked at: what a chart has said for a week is believed. */
const rowsBefore = 7;
/** US dollars. Smaller markets do change like that. */
const tvlFloor = 10_000;
/** Percent a year. */
const apyFloor = 50;

/** What the list of pools says of one now. */
interface ListedPool {
  readonly tvlUsd?: number | null | undefined;
  readonly apy?: number | null | undefined;
}

/**
 * Why the newest row of a pool's chart is doubted: its TVL or APY is ten times one of the week before, or a tenth, to nothing included, and
 * the list of pools, which the service writes on its own, does not show it. A crash or a rush that is true is in both. Of the week, and
 * not of the row before alone, so that a jump does not come to be believed by being repeated the next day. Undefined when there is no
 * such jump, or nothing to compare with.
 *
 * @param observations ascending by time, as the service sends them
 */
export function findUnconfirmedJump(
  observations: readonly MarketObservation[],
  pool: ListedPool,
): string | undefined {
  const newest = observations.at(-1);
  if (newest === undefined) return undefined;
  const week = observations.slice(-1 - rowsBefore, -1).toReversed();
  const values = [
    ["tvlUsd", "tvl_usd", pool.tvlUsd, tvlFloor],
    ["apy", "apy", pool.apy, apyFloor],
  ] as const;
  for (const [name, column, listed, floor] of values) {
    const now = newest[column];
    if (!isJump(now, listed, floor)) continue;
    const before = week.find((row) => isJump(now, row[column], floor));
    if (before === undefined) continue;
    const [day, earlier] = [newest, before].map(({ observed_at }) => observed_at.toISOString().slice(0, 10));
    return `The chart's ${name} is ${now} on ${day}, after ${before[column]} on ${earlier}, while the list of pools says ${listed}.`;
  }
  return undefined;
}

function isJump(now: number | null, other: number | null | undefined, floor: number): boolean {
  if (now === null || other === null || other === undefined) return false;
  const [less, more] = [Math.min(Math.abs(now), Math.abs(other)), Math.max(Math.abs(now), Math.abs(other))];
  return more >= floor && more > less * jumpFactor;
}
