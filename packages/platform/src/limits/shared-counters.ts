import type { Database } from "@obsqra/db";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createAdvanceCounter } from "./advance-counter.ts";
import { type CreateSharedCounter, counterOptions } from "./call-limiter.ts";
import type { LimitPolicy } from "./limit-policies.ts";

/** Counts in the table `rate_limits`, for many calls at once. The clean-up deletes what has expired. */
export function createPostgresCounters(db: Database): CreateSharedCounter {
  return (policy) => createAdvanceCounter(db, policy);
}

/** Counts in Redis, one script call a count. Redis itself deletes what has expired. */
export function createRedisCounters(client: RedisClient): CreateSharedCounter {
  return (policy) =>
    new RateLimiterRedis({ ...sharedOptions(policy), storeClient: client, rejectIfRedisNotReady: true });
}

/** The part of ioredis by which it is recognised. */
export interface RedisClient {
  readonly status: string;
  defineCommand(name: string, definition: { lua: string; numberOfKeys?: number }): void;
}

function sharedOptions(policy: LimitPolicy) {
  // Who has used up a limit is refused from memory until the window ends: the store is not asked again.
  return { ...counterOptions(policy), inMemoryBlockOnConsumed: policy.quota };
}
