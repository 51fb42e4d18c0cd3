import type { ApiDependencies } from "@obsqra/features";
import {
  type CallLimiter,
  type CreateSharedCounter,
  createCallLimiter,
  createLimitPolicies,
  createPostgresCounters,
  createRedisCounters,
  defaultLimitQuotas,
  type LimitQuotas,
  type RedisClient,
} from "@obsqra/platform";
import type { Environment } from "./env.ts";

/** What counting calls is made of. */
export interface CallLimiterParts {
  readonly env: LimitSettings;
  readonly db: ApiDependencies["db"];
  readonly redis: RedisClient | undefined;
  readonly clock: ApiDependencies["clock"];
  readonly log: ApiDependencies["log"];
  /** How long the store may take to respond. @default 500 */
  readonly responseTimeoutMs?: number;
}

/** The settings that are about counting calls. */
type LimitSettings = Pick<
  Environment,
  | "RATE_LIMITS"
  | "RATE_LIMIT_STORE"
  | "DATABASE_URL"
  | "RATE_LIMIT_PER_IP"
  | "RATE_LIMIT_PER_USER"
  | "RATE_LIMIT_PER_KEY"
  | "REGISTRATIONS_PER_IP"
  | "DAILY_QUOTA_FREE"
  | "DAILY_QUOTA_PRO"
>;

/** Makes the limiter that counts calls in the store that the environment names; undefined where they are not counted. */
export function createConfiguredCallLimiter(parts: CallLimiterParts): CallLimiter | undefined {
  const { env } = parts;
  if (!env.RATE_LIMITS) return undefined;
  return createCallLimiter({
    ...parts,
    policies: createLimitPolicies(readQuotas(env)),
    createSharedCounter: createSharedCounter(parts),
  });
}

/** Redis where there is one, else Postgres; a process that is alone on its embedded database counts in its memory. */
function createSharedCounter({ env, db, redis }: CallLimiterParts): CreateSharedCounter | undefined {
  const store = env.RATE_LIMIT_STORE ?? (redis && "redis") ?? (env.DATABASE_URL && "postgres");
  if (store === "redis" && redis !== undefined) return createRedisCounters(redis);
  return store === "postgres" ? createPostgresCounters(db) : undefined;
}

function readQuotas(env: LimitSettings): LimitQuotas {
  const standard = defaultLimitQuotas;
  return {
    ipPerMinute: env.RATE_LIMIT_PER_IP ?? standard.ipPerMinute,
    userPerMinute: env.RATE_LIMIT_PER_USER ?? standard.userPerMinute,
    keyPerMinute: env.RATE_LIMIT_PER_KEY ?? standard.keyPerMinute,
    registrationsPerHour: env.REGISTRATIONS_PER_IP ?? standard.registrationsPerHour,
    freePlanPerDay: env.DAILY_QUOTA_FREE ?? standard.freePlanPerDay,
    proPlanPerDay: env.DAILY_QUOTA_PRO ?? standard.proPlanPerDay,
  };
}
