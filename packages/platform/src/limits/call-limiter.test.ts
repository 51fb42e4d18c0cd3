import type { Database } from "@obsqra/db";
import { createTestDatabase, type TestDatabase } from "@obsqra/db/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTestClock, recordStatements } from "../testing/index.ts";
import { type CallLimiterOptions, createCallLimiter } from "./call-limiter.ts";
import { createLimitPolicies } from "./limit-policies.ts";
import { createPostgresCounters } from "./shared-counters.ts";

const policies = createLimitPolicies({ userPerMinute: 3 });
const counter = { policy: policies.user, key: "ada" };

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

function createLimiter(options: Partial<CallLimiterOptions> = {}) {
  const clock = createTestClock();
  const logged: string[] = [];
  const log = (_facts: object, message: string) => void logged.push(message);
  // A busy machine must not make a store look as if it were away.
  const patience = { responseTimeoutMs: 60_000 };
  const tools = { policies, clock, log: { warn: log, info: log } };
  const limiter = createCallLimiter({ ...tools, ...patience, ...options });
  return { limiter, clock, logged };
}

/** A limiter over the table, as another server would have it. */
function createTableLimiter(db: Database) {
  return createLimiter({ createSharedCounter: createPostgresCounters(db) });
}

describe.each([
  ["memory", () => createLimiter().limiter],
  ["table", ({ db }: TestDatabase) => createTableLimiter(db).limiter],
] as const)("in the %s", (_name, open) => {
  it("counts up to the quota, refuses what goes beyond, and begins anew when the window ends", async () => {
    await using database = await createTestDatabase();
    const limiter = open(database);
    const state = { policy: "user", quota: 3, window_seconds: 60, reset_seconds: 60 };
    expect(await limiter.read(counter)).toEqual({ ...state, remaining: 3 });
    expect(await limiter.count(counter, 2)).toEqual({ state: { ...state, remaining: 1 }, isExceeded: false });
    vi.setSystemTime(Date.now() + 20_500);
    const later = { ...state, reset_seconds: 40 };
    expect(await limiter.count(counter, 1)).toEqual({ state: { ...later, remaining: 0 }, isExceeded: false });
    expect(await limiter.count(counter, 1)).toEqual({ state: { ...later, remaining: 0 }, isExceeded: true });
    expect(await limiter.read(counter)).toEqual({ ...later, remaining: 0 });
    vi.setSystemTime(Date.now() + 39_500);
    expect(await limiter.read(counter)).toEqual({ ...state, remaining: 3 });
    expect(await limiter.count(counter, 1)).toEqual({ state: { ...state, remaining: 2 }, isExceeded: false });
  });

  it("refuses a call that is worth more than is left", async () => {
    await using database = await createTestDatabase();
    const limiter = open(database);
    await limiter.count(counter, 1);
    expect(await limiter.count(counter, 3)).toMatchObject({ isExceeded: true, state: { remaining: 0 } });
  });

  it("lets nobody wait for longer than a window after the clock was set back by days", async () => {
    await using database = await createTestDatabase();
    const limiter = open(database);
    for (const isExceeded of [false, true])
      expect(await limiter.count(counter, 2)).toMatchObject({ isExceeded });
    vi.setSystemTime(Date.now() - 2 * 24 * 60 * 60_000);
    const { isExceeded, state } = await limiter.count(counter, 2);
    expect([isExceeded, state.reset_seconds]).toEqual([false, 60]);
    expect(await limiter.count(counter, 2)).toMatchObject({ isExceeded: true });
  });

  it("keeps keys and policies apart", async () => {
    await using database = await createTestDatabase();
    const limiter = open(database);
    await limiter.count(counter, 3);
    expect(await limiter.read({ ...counter, key: "eve" })).toMatchObject({ remaining: 3 });
    expect(await limiter.read({ ...counter, policy: policies.key })).toMatchObject({ remaining: 300 });
  });
});

it("counts together with other servers on the same database, also at the same moment", async () => {
  await using database = await createTestDatabase();
  const servers = [createTableLimiter(database.db).limiter, createTableLimiter(database.db).limiter];
  const counted = await Promise.all([0, 1, 0, 1, 0, 1].map((server) => servers[server]?.count(counter, 1)));
  expect(counted.filter((each) => each?.isExceeded)).toHaveLength(3);
});

it("does not ask the store again about who has used up a limit", async () => {
  await using database = await createTestDatabase();
  const { db, statements } = recordStatements(database.db);
  const { limiter } = createTableLimiter(db);
  await limiter.count(counter, 3);
  const before = statements.length;
  expect(await limiter.count(counter, 1)).toMatchObject({ isExceeded: true, state: { reset_seconds: 60 } });
  expect(statements).toHaveLength(before);
});

describe("while the store is away", () => {
  it("counts in this process, says so once, and asks again after a second", async () => {
    await using database = await createTestDatabase();
    const counters = createPostgresCounters(database.db);
    let isAway = true;
    let asked = 0;
    const { limiter, clock, logged } = createLimiter({
      createSharedCounter: (policy) => {
        const shared = counters(policy);
        const consume = shared.consume.bind(shared);
        return Object.assign(shared, {
          consume: async (key: string, points: number) => {
            asked += 1;
            if (isAway) throw new Error("connection refused");
            return consume(key, points);
          },
        });
      },
    });
    for (const remaining of [2, 1, 0]) {
      expect(await limiter.count(counter, 1)).toMatchObject({ isExceeded: false, state: { remaining } });
    }
    expect(await limiter.count(counter, 1)).toMatchObject({ isExceeded: true });
    expect(asked).toBe(1);
    clock.advance(1_000);
    await limiter.count(counter, 1);
    await limiter.count(counter, 1);
    expect(asked).toBe(2);
    expect(logged).toEqual([
      "The store of rate limits is away; until it is back, each process counts alone.",
    ]);

    isAway = false;
    clock.advance(1_000);
    expect(await limiter.count(counter, 1)).toMatchObject({ isExceeded: false, state: { remaining: 2 } });
    expect(logged).toHaveLength(2);
    expect(logged[1]).toBe("The store of rate limits is back.");
  });

  it("does not wait for a store that does not respond", async () => {
    await using database = await createTestDatabase();
    const counters = createPostgresCounters(database.db);
    const { limiter, logged } = createLimiter({
      responseTimeoutMs: 1,
      createSharedCounter: (policy) =>
        Object.assign(counters(policy), { consume: () => new Promise(() => {}) }),
    });
    expect(await limiter.count(counter, 1)).toMatchObject({ isExceeded: false, state: { remaining: 2 } });
    expect(logged).toHaveLength(1);
  });
});
