import type { MarketObservation } from "../market-source.ts";

/** A change from one row to the next by more than this factor is a jump. */
const jumpFactor = 10;
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
 * Why the newest row of a pool's chart is doubted: its TVL or APY is ten times the one before, or a tenth, to nothing included, and the
 * list of pools, which the service writes on its own, does not show it. A crash or a rush that is true is in both. Undefined when there
 * is no such jump, or nothing to compare with.
 *
 * @param observations ascending by time, as the service sends them
 */
export function findUnconfirmedJump(
  observations: readonly MarketObservation[],
  pool: ListedPool,
): string | undefined {
  const [before, newest] = observations.slice(-2);
  if (before === undefined || newest === undefined) return undefined;
  const values = [
    ["tvlUsd", newest.tvl_usd, before.tvl_usd, pool.tvlUsd, tvlFloor],
    ["apy", newest.apy, before.apy, pool.apy, apyFloor],
  ] as const;
  for (const [name, now, earlier, listed, floor] of values) {
    if (!isJump(now, earlier, floor) || !isJump(now, listed, floor)) continue;
    const day = newest.observed_at.toISOString().slice(0, 10);
    return `The chart's ${name} is ${now} on ${day}, after ${earlier}, while the list of pools says ${listed}.`;
  }
  return undefined;
}

function isJump(now: number | null, other: number | null | undefined, floor: number): boolean {
  if (now === null || other === null || other === undefined) return false;
  const [less, more] = [Math.min(Math.abs(now), Math.abs(other)), Math.max(Math.abs(now), Math.abs(other))];
  return more >= floor && more > less * jumpFactor;
}
