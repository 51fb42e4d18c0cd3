import { createTestDatabase, type TestDatabase } from "@obsqra/db/testing";
import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import { z } from "zod";
import { createTestClock } from "../testing/index.ts";
import { createResponseCache } from "./response-cache.ts";
import { createSharedCache, type SharedCacheOptions } from "./shared-cache.ts";

const schema = z.object({ value: z.number() });

/** Caches as several processes on one database have them, and what they logged. */
function createProcesses({ db }: TestDatabase) {
  const clock = createTestClock();
  const warnings: string[] = [];
  const log = { warn: (_facts: object, message: string) => void warnings.push(message) };
  // A busy machine may make a process wait for long.
  const shareOne = (options: SharedCacheOptions = { waitMsMax: 60_000 }) =>
    createSharedCache({ db, clock, log }, options);
  const start = (options?: SharedCacheOptions) => createResponseCache({ log, shared: shareOne(options) });
  return { clock, warnings, shareOne, start };
}

/** A computation that counts how often it was begun. */
function counted<TResponse>(compute: () => Promise<TResponse>) {
  const counter = Object.assign(
    () => {
      counter.count += 1;
      return compute();
    },
    { count: 0 },
  );
  return counter;
}

const unused = async () => {
  throw new Error("This was not to be computed.");
};

it("computes once for 200 who ask at the same time", async () => {
  await using database = await createTestDatabase();
  const cache = createProcesses(database).start();
  const compute = counted(async () => ({ value: 1 }));
  const responses = await Promise.all(
    Array.from({ length: 200 }, () => cache.getOrCompute("key", schema, compute)),
  );
  expect(responses).toEqual(Array.from({ length: 200 }, () => ({ value: 1 })));
  expect(compute.count).toBe(1);
});

it("fails those who waited for a failed computation, and nobody afterwards", async () => {
  await using database = await createTestDatabase();
  const { start, warnings } = createProcesses(database);
  const cache = start();
  const error = new Error("away");
  const compute = counted(async () => Promise.reject(error));
  const asked = Array.from({ length: 20 }, () => cache.getOrCompute("key", schema, compute));
  for (const outcome of await Promise.allSettled(asked)) {
    expect(outcome).toEqual({ status: "rejected", reason: error });
  }
  expect(compute.count).toBe(1);
  expect(await cache.getOrCompute("key", schema, async () => ({ value: 2 }))).toEqual({ value: 2 });
  expect(warnings).toEqual([]);
});

it("finds what another process has computed, exactly as it was", async () => {
  await using database = await createTestDatabase();
  const { start } = createProcesses(database);
  const schema = z.record(z.string(), z.number().or(z.string()));
  const computed = { zulu: 0.1 + 0.2, alpha: 1.7976931348623157e308, text: 'NUL \u0000, "quoted", 💶' };
  await start().getOrCompute("key", schema, async () => computed);
  const found = await start().getOrCompute("key", schema, unused);
  expect(JSON.stringify(found)).toBe(JSON.stringify(computed));
});

it("computes again what has expired", async () => {
  await using database = await createTestDatabase();
  const { clock, start } = createProcesses(database);
  await start().getOrCompute("key", schema, async () => ({ value: 1 }));
  clock.advance(10 * 60_000);
  expect(await start().getOrCompute("key", schema, async () => ({ value: 2 }))).toEqual({ value: 2 });
});

it.each(["{}", '{"value":{"value":"a word"}}', "null", "no JSON"])(
  "computes when the table has %s instead of an entry",
  async (value) => {
    await using database = await createTestDatabase();
    const { start } = createProcesses(database);
    await start().getOrCompute("key", schema, async () => ({ value: 1 }));
    await database.db.updateTable("analytics_cache").set({ value }).execute();
    const cache = start();
    for (const expected of [2, 3]) {
      const { value: found } = await cache.getOrCompute("key", schema, async () => ({ value: expected }));
      // The second may be kept from the first.
      expect([2, expected]).toContain(found);
    }
  },
);

it("computes while the table is not there", async () => {
  await using database = await createTestDatabase();
  const { start, warnings } = createProcesses(database);
  await sql`drop table analytics_cache`.execute(database.db);
  const cache = start();
  expect(await cache.getOrCompute("key", schema, async () => ({ value: 1 }))).toEqual({ value: 1 });
  expect(await cache.getOrCompute("key", schema, unused)).toEqual({ value: 1 });
  expect(warnings).toEqual(["Cache entries cannot be shared"]);
});

it.runIf(inject("databaseEngine") === "postgres")("computes while the table is locked", async () => {
  await using database = await createTestDatabase();
  const { start, warnings } = createProcesses(database);
  await database.db.transaction().execute(async (trx) => {
    await sql`lock table analytics_cache in access exclusive mode`.execute(trx);
    const cache = start({ waitMsMax: 10 });
    expect(await cache.getOrCompute("key", schema, async () => ({ value: 1 }))).toEqual({ value: 1 });
  });
  expect(warnings).toEqual(["Cache entries cannot be shared"]);
});

it("holds at most two connections, and does not keep others waiting for them", async () => {
  await using database = await createTestDatabase();
  const shared = createProcesses(database).shareOne();
  await shared.set("key", "text");
  const gets = Array.from({ length: 5 }, () => shared.get("key"));
  expect(await Promise.all(gets)).toEqual(["text", "text", undefined, undefined, undefined]);
  expect(await shared.get("key")).toBe("text");
});

it("writes no more than it may within an hour", async () => {
  await using database = await createTestDatabase();
  const { clock, shareOne } = createProcesses(database);
  const shared = shareOne({ waitMsMax: 60_000, writtenPerHourMax: 10 });
  const large = "x".repeat(6);
  expect([await shared.set("a", large), await shared.set("b", large)]).toEqual([true, false]);
  expect(await shared.get("b")).toBeUndefined();
  clock.advance(60 * 60_000);
  expect(await shared.set("b", "text")).toBe(true);
});

it("forgets what it is told to", async () => {
  await using database = await createTestDatabase();
  const shared = createProcesses(database).shareOne();
  const kept = async () =>
    (await database.db.selectFrom("analytics_cache").select("key").orderBy("key").execute()).map(
      ({ key }) => key,
    );
  for (const key of ["a", "b", "c", "d", "e"]) await shared.set(key, "text");
  expect(await shared.pull("a")).toBe("text");
  await shared.delete("b");
  await shared.deleteMany(["c"]);
  expect(await kept()).toEqual(["d", "e"]);
  await shared.clear();
  expect(await kept()).toEqual([]);
});
