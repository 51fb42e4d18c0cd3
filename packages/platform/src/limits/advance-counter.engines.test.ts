import type { Database } from "@obsqra/db";
import { createTestDatabase } from "@obsqra/db/testing";
import fc from "fast-check";
import { RateLimiterRes } from "rate-limiter-flexible";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { recordStatements } from "../testing/index.ts";
import { createAdvanceCounter } from "./advance-counter.ts";
import type { PolicyCounter } from "./call-limiter.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const policy = (quota: number) => ({ name: "user", quota, windowSeconds: 60 });

/** Counters as processes on one database have them. */
function createProcesses(db: Database, quota: number, count: number): PolicyCounter[] {
  return Array.from({ length: count }, () => createAdvanceCounter(db, policy(quota)));
}

/** Whether so many points were let through. */
async function isLetThrough(counter: PolicyCounter | undefined, points = 1): Promise<boolean> {
  try {
    await counter?.consume("ada", points);
    return true;
  } catch (thrown) {
    if (thrown instanceof RateLimiterRes) return false;
    throw thrown;
  }
}

async function countLetThrough(counters: readonly PolicyCounter[], calls: number): Promise<number> {
  let count = 0;
  for (let call = 0; call < calls; call += 1) {
    if (await isLetThrough(counters[call % counters.length])) count += 1;
  }
  return count;
}

it("asks the table once for many calls, and says what is left after each", async () => {
  await using test = await createTestDatabase();
  const { db, statements } = recordStatements(test.db);
  const counter = createAdvanceCounter(db, policy(1_000));
  for (let used = 1; used <= 110; used += 1) {
    expect((await counter.consume("ada", 1)).remainingPoints).toBe(1_000 - used);
  }
  expect(statements).toHaveLength(6);
});

it("lets one process use the quota to the last point", async () => {
  await using test = await createTestDatabase();
  expect(await countLetThrough(createProcesses(test.db, 500, 1), 520)).toBe(500);
});

it("counts callers at once as it counts them one after the other", async () => {
  await using test = await createTestDatabase();
  const [counter] = createProcesses(test.db, 500, 1);
  const calls = await Promise.all(Array.from({ length: 520 }, () => isLetThrough(counter)));
  expect(calls.filter(Boolean)).toHaveLength(500);
});

it("leaves at most a fiftieth of the quota unused in each process but one, also in one that was restarted", async () => {
  await using test = await createTestDatabase();
  const stopped = createProcesses(test.db, 500, 1);
  const before = await countLetThrough(stopped, 7);
  const idle = createProcesses(test.db, 500, 1);
  const [late] = idle;
  expect(await isLetThrough(late)).toBe(true);
  const after = await countLetThrough(createProcesses(test.db, 500, 1), 600);
  const unused = 500 - before - 1 - after;
  expect(unused).toBeGreaterThan(0);
  expect(unused).toBeLessThanOrEqual(2 * 10);
  // What it has in advance is still its.
  expect(await countLetThrough(idle, 20)).toBe(10);
});

it("sees what others count within a sixth of the window", async () => {
  await using test = await createTestDatabase();
  const [one, other] = createProcesses(test.db, 1_000, 2);
  await one?.consume("ada", 1);
  await other?.consume("ada", 900);
  expect((await one?.consume("ada", 1))?.remainingPoints).toBe(998);
  vi.setSystemTime(Date.now() + 10_000);
  expect((await one?.consume("ada", 1))?.remainingPoints).toBeLessThanOrEqual(97);
});

it("never lets more than the quota through in a window, whatever is asked where and when", async () => {
  const step = fc.record({
    process: fc.nat({ max: 2 }),
    points: fc.integer({ min: 1, max: 60 }),
    laterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      await using test = await createTestDatabase();
      const counters = createProcesses(test.db, 300, 3);
      const used = new Map<string, number>();
      for (const { process, points, laterMs } of steps) {
        vi.setSystemTime(Date.now() + laterMs);
        if (!(await isLetThrough(counters[process], points))) continue;
        const window = await test.db.selectFrom("rate_limits").select("expire").executeTakeFirstOrThrow();
        used.set(String(window.expire), (used.get(String(window.expire)) ?? 0) + points);
      }
      for (const points of used.values()) expect(points).toBeLessThanOrEqual(300);
    }),
    { numRuns: 15 },
  );
});

it("begins anew when its window was deleted, and when the clock was set back", async () => {
  await using test = await createTestDatabase();
  const [counter] = createProcesses(test.db, 3, 1);
  expect(await countLetThrough(counter ? [counter] : [], 5)).toBe(3);
  await counter?.delete("ada");
  expect(await isLetThrough(counter, 3)).toBe(true);
  vi.setSystemTime(Date.now() - 2 * 24 * 60 * 60_000);
  expect(await isLetThrough(counter, 3)).toBe(true);
  expect((await counter?.get("ada"))?.msBeforeNext).toBeLessThanOrEqual(60_000);
});
