import type { Database } from "@obsqra/db";
import { RateLimiterRes } from "rate-limiter-flexible";
import { clockDifferenceMs } from "../elapsed.ts";
import type { PolicyCounter } from "./call-limiter.ts";
import type { LimitPolicy } from "./limit-policies.ts";
import { countPoints, deleteWindow, findWindow, type WindowRow } from "./rate-limits.queries.ts";

/** What a process knows of a key's window. */
interface KnownWindow {
  /** In the table when it was last asked. */
  counted: number;
  /** Counted there in advance, and not used yet; below 0 where more was used. */
  left: number;
  readonly endsAt: number;
  askedAt: number;
}

/** A fiftieth of a quota is taken in advance, so that the table is asked once for many calls. */
const advanceShare = 0.02;
const advanceMax = 1_000;
/** What other processes count is seen after a sixth of a window, or a minute, at the latest. */
const knownShare = 1 / 6;
const knownMsMax = 60_000;
/** As many keys are remembered. What is forgotten was counted, and is lost to its caller until the window ends. */
const windowsMax = 10_000;

/**
 * Counts in the table `rate_limits`, by points that this process has taken in advance: never more than the quota, whatever the
 * number of processes. When the window is used up, others may still hold a fiftieth of the quota each.
 */
export function createAdvanceCounter(db: Database, policy: LimitPolicy): PolicyCounter {
  const { name, quota, windowSeconds } = policy;
  const windowMs = windowSeconds * 1000;
  const knownMs = Math.min(knownMsMax, windowMs * knownShare);
  const advance = Math.min(advanceMax, Math.floor(quota * advanceShare));
  const known = new Map<string, KnownWindow>();
  const asking = new Map<string, Promise<Counted>>();
  const rowKey = (key: string) => `obsqra:${name}:${key}`;

  function currentWindow(key: string, now: number): KnownWindow | undefined {
    const window = known.get(key);
    if (window === undefined) return undefined;
    if (now < window.endsAt && window.endsAt <= now + windowMs + clockDifferenceMs) return window;
    known.delete(key);
    return undefined;
  }

  /** Counts without asking, where enough is known. */
  function countHere(key: string, points: number): Counted | undefined {
    const now = Date.now();
    const window = currentWindow(key, now);
    if (window === undefined) return undefined;
    const isUsedUp = window.counted >= quota && window.left < points;
    if (isUsedUp) window.left = 0;
    else if (window.left < points || !isFresh(window, now, knownMs)) return undefined;
    else window.left -= points;
    return { result: toResult(window, now), isExceeded: isUsedUp };
  }

  async function countThere(key: string, points: number): Promise<Counted> {
    const now = Date.now();
    const window = currentWindow(key, now);
    const left = window?.left ?? 0;
    const missing = Math.max(0, points - left);
    // Near the quota nothing, so that it is used up to the last point.
    const isNear = window !== undefined && quota - window.counted < missing + 3 * advance;
    const inAdvance = isNear ? 0 : Math.max(0, advance + points - missing - left);
    const row = await countPoints(db, {
      key: rowKey(key),
      points: missing,
      inAdvance,
      quota,
      now,
      endsAt: now + windowMs,
      endsAtMost: now + windowMs + clockDifferenceMs,
    });
    // Nearer to the quota than that, it may have been refused.
    const taken = missing + (row.points <= quota - inAdvance ? inAdvance : 0);
    const seen = remember(key, row, now);
    const isExceeded = row.points > quota;
    seen.left = isExceeded ? 0 : seen.left + taken - points;
    return { result: toResult(seen, now), isExceeded };
  }

  function remember(key: string, row: WindowRow, now: number): KnownWindow {
    const endsAt = Number(row.expire);
    const before = known.get(key);
    const window = {
      counted: row.points,
      left: before?.endsAt === endsAt ? before.left : 0,
      endsAt,
      askedAt: now,
    };
    known.delete(key);
    known.set(key, window);
    const [oldest] = known.keys();
    if (known.size > windowsMax && oldest !== undefined) known.delete(oldest);
    return window;
  }

  function toResult({ counted, left, endsAt }: KnownWindow, now: number): RateLimiterRes {
    const remaining = Math.max(0, quota - counted) + Math.max(0, left);
    return new RateLimiterRes(remaining, endsAt - now, quota - remaining, false);
  }

  return {
    duration: windowSeconds,
    consume: async (key, points) => {
      const here = countHere(key, points);
      if (here !== undefined) return unwrap(here);
      // One after the other: what the first takes in advance is for those who wait.
      const before = asking.get(key) ?? Promise.resolve();
      const turn = before.then(ignore, ignore).then(() => countHere(key, points) ?? countThere(key, points));
      asking.set(key, turn);
      try {
        return unwrap(await turn);
      } finally {
        if (asking.get(key) === turn) asking.delete(key);
      }
    },
    get: async (key) => {
      const now = Date.now();
      const row = await findWindow(db, { key: rowKey(key), now });
      if (row === undefined) return null;
      const left = currentWindow(key, now)?.left ?? 0;
      return toResult({ counted: row.points, left, endsAt: Number(row.expire), askedAt: now }, now);
    },
    delete: async (key) => {
      known.delete(key);
      await deleteWindow(db, rowKey(key));
    },
  };
}

interface Counted {
  readonly result: RateLimiterRes;
  readonly isExceeded: boolean;
}

/** As rate-limiter-flexible tells a refusal: it throws it. */
function unwrap({ result, isExceeded }: Counted): RateLimiterRes {
  if (isExceeded) throw result;
  return result;
}

function isFresh({ askedAt }: KnownWindow, now: number, knownMs: number): boolean {
  return now >= askedAt && now - askedAt < knownMs;
}

function ignore(): void {}
