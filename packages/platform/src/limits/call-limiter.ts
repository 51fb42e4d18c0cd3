import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { LimitState } from "../call/response-facts.ts";
import { clockDifferenceMs, elapsedMs } from "../elapsed.ts";
import type { Logger } from "../logger.ts";
import { withTimeout } from "../with-timeout.ts";
import type { LimitPolicies, LimitPolicy } from "./limit-policies.ts";

/** Whose calls are counted, by which policy. */
export interface LimitCounter {
  readonly policy: LimitPolicy;
  /** Within the policy, such as a user's id. */
  readonly key: string;
}

/** A limit after a call was counted. */
interface CountedLimit {
  readonly state: LimitState;
  /** Whether the call goes beyond the limit. */
  readonly isExceeded: boolean;
}

/** Counts calls in windows: one begins with the first call, and all points are back when it ends. */
export interface CallLimiter {
  readonly policies: LimitPolicies;
  /** Adds points. Never fails: what the store does not count, this process does. */
  count(counter: LimitCounter, points: number): Promise<CountedLimit>;
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
 * The windows are timed by rate-limiter-flexible, which reads the system's clock. In memory, policies of one name are
 * counted apart, so that a change of plan begins a new day there; in a store they are one.
 */
export function createCallLimiter(options: CallLimiterOptions): CallLimiter {
  const { policies, createSharedCounter, responseTimeoutMs = 500 } = options;
  const store = createStoreWatch(options);
  const local = rememberByPolicy((policy) => new RateLimiterMemory(counterOptions(policy)));
  const shared = createSharedCounter && rememberByPolicy(createSharedCounter);

  async function ask(
    policy: LimitPolicy,
    question: (counter: PolicyCounter) => Promise<Asked>,
  ): Promise<Asked> {
    if (shared !== undefined && store.isWorthAsking()) {
      try {
        const asked = await withTimeout(question(shared(policy)), responseTimeoutMs, lateMessage);
        store.succeeded();
        return asked;
      } catch (error) {
        store.failed(error);
      }
    }
    return question(local(policy));
  }

  return {
    policies,
    count: async ({ policy, key }, points) => {
      const { result, isExceeded } = await ask(policy, (counter) => consume(counter, key, points));
      return { state: toState(policy, result), isExceeded };
    },
    read: async ({ policy, key }) => {
      const { result } = await ask(policy, async (counter) => ({
        result: await counter.get(key),
        isExceeded: false,
      }));
      return toState(policy, result);
    },
  };
}

/** What the counters of rate-limiter-flexible take. */
export function counterOptions({ name, quota, windowSeconds }: LimitPolicy) {
  return { keyPrefix: `obsqra:${name}`, points: quota, duration: windowSeconds };
}

interface Asked {
  /** Null when nothing was counted in this window. */
  readonly result: RateLimiterRes | null;
  readonly isExceeded: boolean;
}

async function consume(counter: PolicyCounter, key: string, points: number): Promise<Asked> {
  const asked = await consumeOnce(counter, key, points);
  if ((asked.result?.msBeforeNext ?? 0) <= counter.duration * 1000 + clockDifferenceMs) return asked;
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

function toState({ name, quota, windowSeconds }: LimitPolicy, result: RateLimiterRes | null): LimitState {
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

function rememberByPolicy(
  create: (policy: LimitPolicy) => PolicyCounter,
): (policy: LimitPolicy) => PolicyCounter {
  const counters = new Map<LimitPolicy, PolicyCounter>();
  return (policy) => {
    const counter = counters.get(policy) ?? create(policy);
    counters.set(policy, counter);
    return counter;
  };
}
