/** How far the clocks of servers, or one that was just set right, may lie apart. */
export const clockDifferenceMs = 30_000;

/**
 * How long ago something happened, for rules that let something pass only for a while after it. What seems to happen later
 * than now, by more than clocks differ, was written before the clock was set back: how long ago it was cannot be told, and
 * it counts as infinitely long.
 *
 * @returns milliseconds, from 0
 */
export function elapsedMs(since: Date, now: Date): number {
  const ms = now.getTime() - since.getTime();
  return ms < -clockDifferenceMs ? Number.POSITIVE_INFINITY : Math.max(0, ms);
}

/** The latest moment that something stored by this clock, or by another server's, can be from. */
export function latestMoment(now: Date): Date {
  return new Date(now.getTime() + clockDifferenceMs);
}
