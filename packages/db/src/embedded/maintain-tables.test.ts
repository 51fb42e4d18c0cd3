import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { createTestDatabase } from "../testing/index.ts";
import { maintainTables } from "./maintain-tables.ts";

const { signal } = new AbortController();

/** Adds accounts, as other tests do, by a hundred at a time. */
async function addUsers(db: Database, prefix: string): Promise<void> {
  await sql`insert into users (id, email, full_name, preferences, created_at, updated_at)
    select gen_random_uuid(), ${prefix} || n || '@example.org', 'Ada', '{}', now(), now()
    from generate_series(1, 100) as n`.execute(db);
}

async function addCounts(db: Database): Promise<void> {
  await sql`insert into auth_throttle (key, attempts, next_attempt_at, reset_at)
    select sha256(cast(cast(n as text) as bytea)), 1, now(), now() from generate_series(1, 200) as n`.execute(
    db,
  );
}

async function rowsByEstimate(db: Database, table: string): Promise<number> {
  const { rows } = await sql<{ estimate: number }>`
    select cast(reltuples as integer) as estimate from pg_class where oid = cast(${table} as regclass)`.execute(
    db,
  );
  return rows[0]?.estimate ?? Number.NaN;
}

it("collects the statistics of tables that have changed, and of no others", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await maintainTables(db, signal);
  await addUsers(db, "a");
  expect(await maintainTables(db, signal)).toEqual(["users"]);
  expect(await rowsByEstimate(db, "users")).toBe(100);
  expect(await maintainTables(db, signal)).toEqual([]);
});

it("frees the room of rows that are gone", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const size = async () => {
    const { rows } = await sql<{ size: number }>`
      select cast(pg_relation_size('auth_throttle') as integer) as size`.execute(db);
    return rows[0]?.size;
  };
  await addCounts(db);
  const full = await size();
  for (let round = 0; round < 5; round += 1) {
    await sql`delete from auth_throttle`.execute(db);
    expect(await maintainTables(db, signal)).toContain("auth_throttle");
    await addCounts(db);
  }
  expect(await size()).toBe(full);
});

it("begins no table once it is told to stop", async () => {
  await using database = await createTestDatabase();
  await addUsers(database.db, "a");
  expect(await maintainTables(database.db, AbortSignal.abort())).toEqual([]);
});
