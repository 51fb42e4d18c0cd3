import { RateLimiterRes } from "rate-limiter-flexible";
import type { LimitState } from "../call/response-facts.ts";
import { clockDifferenceMs, elapsedMs } from "../elapsed.ts";
import type { Logger } from "../logger.ts";
import { withTimeout } from "../with-timeout.ts";
import type { LimitPolicies, LimitPolicy } from "./limit-policies.ts";
import { type CountedWindow, createMemoryWindows } from "./memory-windows.ts";

/** Whose calls are counted, by which policy. */
export interface LimitCounter {
  readonly policy: LimitPolicy;
  /** Within the policy, such as a user's id. */
  readonly key: string;
}

/** A limit after a call was counted. */
export interface CountedLimit {
  readonly state: LimitState;
  /** Whether the call goes beyond the limit. */
  readonly isExceeded: boolean;
}

/** Counts calls in windows: one begins with the first call, and all points are back when it ends. */
export interface CallLimiter {
  readonly policies: LimitPolicies;
  /** Adds points; at once where this process counts. Never fails: what the store does not count, this process does. */
  count(counter: LimitCounter, points: number): CountedLimit | Promise<CountedLimit>;
  /** How far a limit is used, without counting. */
  read(counter: LimitCounter): Promise<LimitState>;
}

/** Counts the calls of a policy, as rate-limiter-flexible does: a refusal is thrown. */
export interface PolicyCounter {
  /** Of a window, in seconds. */
  readonly duration: number;
  consume(key: string, points: number): Promise<RateLimiterRes>;
  get(key: string): Promise<RateLimiterRes | null>;
  delete(key: string): Promise<unknown>;
}

/** Makes the counter of a policy in a store that several processes share. */
export type CreateSharedCounter = (policy: LimitPolicy) => PolicyCounter;

export interface CallLimiterOptions {
  readonly policies: LimitPolicies;
  /** @default counts in the memory of this process */
  readonly createSharedCounter?: CreateSharedCounter | undefined;
  readonly clock: () => Date;
  readonly log: Pick<Logger, "warn" | "info">;
  /** How long the store may take. @default 500 */
  readonly responseTimeoutMs?: number;
}

/** How long a store that has failed is left alone, so that not every call waits for it. */
const retryAfterMs = 1_000;
const lateMessage = "The store took too long.";

/**
 * A limiter over a store. While the store is away, each process counts for itself. rate-limiter-flexible's own insurance
 * would do that, too, but it asks the store again for every call, waits without an end and tells nobody.
 *
 * Windows are timed by the system's clock. In memory, policies of one name are counted apart, so that a change of plan begins a new
 * day there; in a store they are one.
 */
export function createCallLimiter(options: CallLimiterOptions): CallLimiter {
  const { policies, createSharedCounter, responseTimeoutMs = 500 } = options;
  const store = createStoreWatch(options);
  const windowsOf = rememberByPolicy(createMemoryWindows);
  const sharedOf = createSharedCounter && rememberByPolicy(createSharedCounter);

  const countHere = ({ policy, key }: LimitCounter, points: number): CountedLimit => {
    const { result, isExceeded } = windowsOf(policy).count(key, points);
    return { state: toState(policy, result), isExceeded };
  };
  const readHere = ({ policy, key }: LimitCounter): LimitState =>
    toState(policy, windowsOf(policy).read(key));

  /** Asks the store, or this process while it is away. */
  async function ask<TAnswer>(question: () => Promise<TAnswer>, here: () => TAnswer): Promise<TAnswer> {
    if (!store.isWorthAsking()) return here();
    try {
      const answer = await withTimeout(question(), responseTimeoutMs, lateMessage);
      store.succeeded();
      return answer;
    } catch (error) {
      store.failed(error);
      return here();
    }
  }

  if (sharedOf === undefined)
    return { policies, count: countHere, read: async (counter) => readHere(counter) };
  return {
    policies,
    count: (counter, points) => {
      const { policy, key } = counter;
      return ask(
        async () => {
          const { result, isExceeded } = await consume(sharedOf(policy), key, points);
          return { state: toState(policy, result), isExceeded };
        },
        () => countHere(counter, points),
      );
    },
    read: (counter) => {
      const { policy, key } = counter;
      return ask(
        async () => toState(policy, await sharedOf(policy).get(key)),
        () => readHere(counter),
      );
    },
  };
}

/** What the counters of rate-limiter-flexible take. */
export function counterOptions({ name, quota, windowSeconds }: LimitPolicy) {
  return { keyPrefix: `obsqra:${name}`, points: quota, duration: windowSeconds };
}

interface Asked {
  readonly result: RateLimiterRes;
  readonly isExceeded: boolean;
}

async function consume(counter: PolicyCounter, key: string, points: number): Promise<Asked> {
  const asked = await consumeOnce(counter, key, points);
  if (asked.result.msBeforeNext <= counter.duration * 1000 + clockDifferenceMs) return asked;
  // No window lasts so long: the clock was set back. Without a new one, whoever has used it up would wait until it was right.
  await counter.delete(key);
  return consumeOnce(counter, key, points);
}

async function consumeOnce(counter: PolicyCounter, key: string, points: number): Promise<Asked> {
  try {
    return { result: await counter.consume(key, points), isExceeded: false };
  } catch (thrown) {
    // A refusal is thrown, too.
    if (thrown instanceof RateLimiterRes) return { result: thrown, isExceeded: true };
    throw thrown;
  }
}

function toState({ name, quota, windowSeconds }: LimitPolicy, result: CountedWindow | null): LimitState {
  const limit = { policy: name, quota, window_seconds: windowSeconds };
  if (result === null || result.msBeforeNext <= 0) {
    return { ...limit, remaining: quota, reset_seconds: windowSeconds };
  }
  return {
    ...limit,
    remaining: result.remainingPoints,
    reset_seconds: Math.min(windowSeconds, Math.ceil(result.msBeforeNext / 1000)),
  };
}

/** Notices when the store goes away and comes back, and says each once. */
function createStoreWatch({ clock, log }: CallLimiterOptions) {
  let awaySince: Date | undefined;
  return {
    isWorthAsking: () => awaySince === undefined || elapsedMs(awaySince, clock()) >= retryAfterMs,
    succeeded: () => {
      if (awaySince !== undefined) log.info({}, "The store of rate limits is back.");
      awaySince = undefined;
    },
    failed: (error: unknown) => {
      if (awaySince === undefined) {
        log.warn(
          { err: error },
          "The store of rate limits is away; until it is back, each process counts alone.",
        );
      }
      awaySince = clock();
    },
  };
}

function rememberByPolicy<TCounter>(
  create: (policy: LimitPolicy) => TCounter,
): (policy: LimitPolicy) => TCounter {
  const counters = new Map<LimitPolicy, TCounter>();
  return (policy) => {
    const counter = counters.get(policy) ?? create(policy);
    counters.set(policy, counter);
    return counter;
  };
}
