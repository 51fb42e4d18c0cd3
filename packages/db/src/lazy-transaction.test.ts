import { sql } from "kysely";
import { describe, expect, inject, it } from "vitest";
import { type Database, independently, isUniqueViolation, openLazyTransaction, startOver } from "./index.ts";
import { createTestDatabase } from "./testing/index.ts";

const hash = (number: number) => new Uint8Array(32).fill(number);
const now = new Date("2026-01-01T00:00:00Z");

/** Any small table will do. */
async function insert(db: Database, number: number): Promise<void> {
  await db
    .insertInto("auth_throttle")
    .values({ key: hash(number), attempts: number, next_attempt_at: now, reset_at: now })
    .execute();
}

async function numbers(db: Database): Promise<number[]> {
  const rows = await db.selectFrom("auth_throttle").select("attempts").orderBy("attempts").execute();
  return rows.map(({ attempts }) => attempts);
}

const nothing = async () => {};

it("reads on the database until the first write, and in the transaction from then on", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const begun: number[][] = [];
  const lazy = openLazyTransaction(db, async (trx) => void begun.push(await numbers(trx)));
  await insert(db, 1);
  expect(await numbers(lazy.db)).toEqual([1]);
  await insert(db, 2);
  expect(await numbers(lazy.db)).toEqual([1, 2]);
  expect(lazy.hasBegun()).toBe(false);
  await insert(lazy.db, 3);
  expect(lazy.hasBegun()).toBe(true);
  expect(begun).toEqual([[1, 2]]);
  expect(await numbers(lazy.db)).toEqual([1, 2, 3]);
  await lazy.commit();
  expect(await numbers(db)).toEqual([1, 2, 3]);
  expect(begun).toHaveLength(1);
});

it("leaves nothing of what was done in it when it is rolled back", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const lazy = openLazyTransaction(db, (trx) => insert(trx, 1));
  await insert(lazy.db, 2);
  await lazy.db.transaction().execute((trx) => insert(trx, 3));
  await lazy.rollback();
  expect(await numbers(db)).toEqual([]);
});

it("begins with everything but a plain select", async () => {
  await using database = await createTestDatabase();
  const statements: Record<string, (db: Database) => Promise<unknown>> = {
    update: (db) => db.updateTable("auth_throttle").set({ attempts: 1 }).execute(),
    delete: (db) => db.deleteFrom("auth_throttle").execute(),
    transaction: (db) => db.transaction().execute(nothing),
    "select for update": (db) => db.selectFrom("auth_throttle").select("key").forUpdate().execute(),
    "select for share": (db) => db.selectFrom("auth_throttle").select("key").forShare().execute(),
    "select for no key update": (db) =>
      db.selectFrom("auth_throttle").select("key").forNoKeyUpdate().execute(),
    "with and a write": (db) =>
      db
        .with("gone", (query) => query.deleteFrom("auth_throttle").returning("key"))
        .selectFrom("gone")
        .select("key")
        .execute(),
    "raw text": (db) => sql`  with gone as (delete from auth_throttle) select 1`.execute(db),
  };
  for (const [name, execute] of Object.entries(statements)) {
    const lazy = openLazyTransaction(database.db, nothing);
    await sql` select count(*) from auth_throttle`.execute(lazy.db);
    expect([name, lazy.hasBegun()]).toEqual([name, false]);
    await execute(lazy.db);
    expect([name, lazy.hasBegun()]).toEqual([name, true]);
    await lazy.rollback();
  }
});

it("survives a statement, and an inner transaction, that is refused", async () => {
  await using database = await createTestDatabase();
  const lazy = openLazyTransaction(database.db, nothing);
  await insert(lazy.db, 1);
  await expect(insert(lazy.db, 1)).rejects.toSatisfy((error) => isUniqueViolation(error));
  const inner = lazy.db.transaction().execute(async (trx) => {
    await insert(trx, 2);
    await insert(trx, 1);
  });
  await expect(inner).rejects.toSatisfy((error) => isUniqueViolation(error));
  await lazy.db.transaction().execute((trx) => insert(trx, 3));
  await lazy.commit();
  expect(await numbers(database.db)).toEqual([1, 3]);
});

it("lets statements and inner transactions that are sent at once wait for each other", async () => {
  await using database = await createTestDatabase();
  const lazy = openLazyTransaction(database.db, nothing);
  const sent = [1, 2, 3, 4].map((number) =>
    lazy.db.transaction().execute(async (trx) => {
      await insert(trx, number);
      if (number % 2 === 0) throw new Error("not this one");
      await insert(trx, number + 10);
    }),
  );
  const results = await Promise.allSettled([...sent, insert(lazy.db, 20), numbers(lazy.db)]);
  expect(results.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
  ]);
  await lazy.commit();
  expect(await numbers(database.db)).toEqual([1, 3, 11, 13, 20]);
});

it("commits only what has ended: an inner transaction that is under way is waited for", async () => {
  await using database = await createTestDatabase();
  const lazy = openLazyTransaction(database.db, nothing);
  const inner = lazy.db.transaction().execute(async (trx) => {
    await insert(trx, 1);
    await insert(trx, 2);
    throw new Error("after all");
  });
  const committed = lazy.commit();
  await expect(inner).rejects.toThrow("after all");
  await committed;
  expect(await numbers(database.db)).toEqual([]);
});

it("does nothing and fails every write when it cannot begin", async () => {
  await using database = await createTestDatabase();
  const refuse = async (trx: Database) => {
    await insert(trx, 1);
    throw new Error("refused");
  };
  const lazy = openLazyTransaction(database.db, refuse);
  await expect(insert(lazy.db, 2)).rejects.toThrow("refused");
  await expect(lazy.db.transaction().execute((trx) => insert(trx, 3))).rejects.toThrow("refused");
  await lazy.commit();
  expect(await numbers(database.db)).toEqual([]);
});

it("takes no more writes once it has ended", async () => {
  await using database = await createTestDatabase();
  const lazy = openLazyTransaction(database.db, nothing);
  await insert(lazy.db, 1);
  await lazy.commit();
  await expect(insert(lazy.db, 2)).rejects.toThrow("has ended");
  expect(await numbers(lazy.db)).toEqual([1]);
});

describe("independently", () => {
  it("stores for good before the transaction begins, and as a part of it afterwards", async () => {
    await using database = await createTestDatabase();
    const lazy = openLazyTransaction(database.db, nothing);
    await insert(independently(lazy.db), 1);
    expect(lazy.hasBegun()).toBe(false);
    await insert(lazy.db, 2);
    await insert(independently(lazy.db), 3);
    await lazy.rollback();
    expect(await numbers(database.db)).toEqual([1]);
  });

  it("is any other database itself", async () => {
    await using database = await createTestDatabase();
    expect(independently(database.db)).toBe(database.db);
  });
});

describe("starting over", () => {
  it("undoes what was done so far, and lets the transaction begin again", async () => {
    await using database = await createTestDatabase();
    const lazy = openLazyTransaction(database.db, nothing);
    await insert(lazy.db, 1);
    await startOver(lazy.db);
    expect(lazy.hasBegun()).toBe(false);
    await insert(lazy.db, 2);
    await lazy.commit();
    expect(await numbers(database.db)).toEqual([2]);
  });

  it("does nothing to any other database", async () => {
    await using database = await createTestDatabase();
    await insert(database.db, 1);
    await startOver(database.db);
    expect(await numbers(database.db)).toEqual([1]);
  });
});

describe.runIf(inject("databaseEngine") === "postgres")("on a server", () => {
  it("gives its connection back, however it ends", async () => {
    await using database = await createTestDatabase();
    // The pool of a test has five connections.
    for (let round = 1; round <= 20; round += 1) {
      const refuse = async () => {
        if (round % 3 === 2) throw new Error("refused");
      };
      const lazy = openLazyTransaction(database.db, refuse);
      await insert(lazy.db, round).catch(() => {});
      await (round % 3 === 0 ? lazy.commit() : lazy.rollback());
    }
    expect(await numbers(database.db)).toEqual([3, 6, 9, 12, 15, 18]);
  });
});
