import { migrate, openDatabase } from "@obsqra/db";
import {
  type CallLimiter,
  type CreateSharedCounter,
  createCallLimiter,
  createLimitPolicies,
  createPostgresCounters,
  createRedisCounters,
} from "@obsqra/platform";
import { startPostgres } from "../../../packages/db/src/testing/start-postgres.ts";
import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { openRedis } from "../src/redis.ts";
import { redisMissing, startRedis } from "../test/redis/start-redis.ts";

const rounds = 11;
const calls = 1_000;
const atOnce = 32;

// Nobody reaches them, so that every call is counted in the store.
const policies = createLimitPolicies({
  ipPerMinute: 1_000_000_000,
  userPerMinute: 1_000_000_000,
  freePlanPerDay: 1_000_000_000,
});

/** What counting a call costs in each store. */
export const limitsBenchmark: Benchmark = {
  name: "limits",
  title: "Rate limits",
  description: `Postgres and Redis are real servers on the same machine, started for the benchmark. A call of a signed-in user is
counted three times, one after the other: by address, by user and by day. Each line is of ${rounds} rounds of ${calls} calls:
of one caller after the other, then of ${atOnce} callers at once, each with an address and an account of its own; "refused" is a call
of somebody who has used up a limit, which no store is asked about. The median round counts.`,
  run: measure,
};

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  return [
    ...(await measureStore("memory", undefined, report)),
    ...(await measurePostgres(report)),
    ...(await measureRedis(report)),
  ];
}

async function measurePostgres(report: (line: string) => void): Promise<BenchmarkRow[]> {
  await using postgres = await startPostgres();
  const { db, close } = await openDatabase({ url: postgres.url("postgres") });
  try {
    await migrate(db);
    return await measureStore("Postgres", createPostgresCounters(db), report);
  } finally {
    await close();
  }
}

async function measureRedis(report: (line: string) => void): Promise<BenchmarkRow[]> {
  if (redisMissing !== undefined) return [toRow("Redis", `not measured: ${redisMissing}`)];
  await using redis = await startRedis();
  const client = await openRedis(redis.url);
  try {
    return await measureStore("Redis", createRedisCounters(client), report);
  } finally {
    client.disconnect();
  }
}

async function measureStore(
  name: string,
  createSharedCounter: CreateSharedCounter | undefined,
  report: (line: string) => void,
): Promise<BenchmarkRow[]> {
  report(`limits: ${name}`);
  const log = (_facts: object, message: string) => report(`limits: ${message}`);
  const limiter = createCallLimiter({
    policies,
    createSharedCounter,
    clock: () => new Date(),
    log: { info: log, warn: log },
  });
  const usedUp = { policy: createLimitPolicies({ userPerMinute: 1 }).user, key: "used up" };
  const caller = (index: number) => () => countCall(limiter, String(index));
  const alone = await medianMicroseconds([caller(0)]);
  const together = await medianMicroseconds(Array.from({ length: atOnce }, (_, index) => caller(index)));
  await limiter.count(usedUp, 1);
  const refused = await medianMicroseconds([async () => limiter.count(usedUp, 1)]);
  return [
    toRow(`${name}: a call of one caller`, formatMicroseconds(alone)),
    toRow(`${name}: a call, ${atOnce} callers at once`, formatMicroseconds(together)),
    toRow(`${name}: a refused call`, formatMicroseconds(refused)),
  ];
}

/** As a call of a signed-in user is counted. */
async function countCall(limiter: CallLimiter, key: string): Promise<void> {
  await limiter.count({ policy: policies.ip, key }, 1);
  await limiter.count({ policy: policies.user, key }, 1);
  await limiter.count({ policy: policies.day.free, key }, 1);
}

/** The time that a call takes of the whole, when the callers go on without a pause. */
async function medianMicroseconds(callers: readonly (() => Promise<unknown>)[]): Promise<number> {
  const times: number[] = [];
  // The first round is not counted: the engine compiles meanwhile.
  for (let round = -1; round < rounds; round += 1) {
    const startedAt = performance.now();
    await Promise.all(
      callers.map(async (call) => {
        for (let index = 0; index < calls / callers.length; index += 1) await call();
      }),
    );
    if (round >= 0) times.push(((performance.now() - startedAt) * 1000) / calls);
  }
  return times.toSorted((left, right) => left - right)[Math.floor(rounds / 2)] ?? Number.NaN;
}

function formatMicroseconds(microseconds: number): string {
  return `${microseconds.toFixed(1)} µs`;
}

function toRow(work: string, measured: string): BenchmarkRow {
  return { work, measured, bar: "none", met: true, peer: "" };
}
