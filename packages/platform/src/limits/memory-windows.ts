import { clockDifferenceMs } from "../elapsed.ts";
import type { LimitPolicy } from "./limit-policies.ts";

/** A window after points were counted in it, or as it is. */
export interface CountedWindow {
  /** Points that are left, never below 0. */
  readonly remainingPoints: number;
  readonly msBeforeNext: number;
}

/** The windows of one policy in the memory of this process: each begins with its first call. Time is the system's. */
export interface MemoryWindows {
  /** Counts points, also beyond the quota. */
  count(key: string, points: number): { readonly result: CountedWindow; readonly isExceeded: boolean };
  /** @returns null when nothing was counted in this window */
  read(key: string): CountedWindow | null;
  /** How many are held, those included that have ended and were not looked for yet. */
  readonly size: number;
}

/** Windows that have ended are looked for when there are twice as many as were left the last time, and so many at least. */
const sweptMin = 1_024;

/** At once, and without a timer for each key: every call is counted three times or so. */
export function createMemoryWindows({
  quota,
  windowSeconds,
}: Pick<LimitPolicy, "quota" | "windowSeconds">): MemoryWindows {
  const windowMs = windowSeconds * 1000;
  const windows = new Map<string, { consumed: number; readonly endsAt: number }>();
  let sweepAt = sweptMin;

  /** A window that would last longer than any does began before the clock was set back: it is over, too. */
  const isOpen = (endsAt: number, now: number) =>
    endsAt > now && endsAt - now <= windowMs + clockDifferenceMs;

  function find(key: string, now: number) {
    const window = windows.get(key);
    return window !== undefined && isOpen(window.endsAt, now) ? window : undefined;
  }

  function begin(key: string, now: number) {
    if (windows.size >= sweepAt) sweep(now);
    const window = { consumed: 0, endsAt: now + windowMs };
    windows.set(key, window);
    return window;
  }

  function sweep(now: number): void {
    for (const [key, { endsAt }] of windows) if (!isOpen(endsAt, now)) windows.delete(key);
    sweepAt = Math.max(sweptMin, windows.size * 2);
  }

  const toResult = (
    { consumed, endsAt }: { readonly consumed: number; readonly endsAt: number },
    now: number,
  ) => ({
    remainingPoints: Math.max(quota - consumed, 0),
    msBeforeNext: endsAt - now,
  });

  return {
    count: (key, points) => {
      const now = Date.now();
      const window = find(key, now) ?? begin(key, now);
      window.consumed += points;
      return { result: toResult(window, now), isExceeded: window.consumed > quota };
    },
    read: (key) => {
      const now = Date.now();
      const window = find(key, now);
      return window === undefined ? null : toResult(window, now);
    },
    get size() {
      return windows.size;
    },
  };
}
