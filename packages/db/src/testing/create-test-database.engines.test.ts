import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { createTestDatabase, digestTables, type TestSnapshot } from "./index.ts";

const at = "2026-01-01T00:00:00.000Z";

/** Rows that may only be added, rows that others refer to, and a number of a sequence. */
async function write(db: Database): Promise<void> {
  await sql`insert into users (id, email, full_name, preferences, created_at, updated_at)
    values ('01900000-0000-7000-8000-000000000001', 'ada@example.org', 'Ada', '{}', ${at}, ${at})`.execute(
    db,
  );
  await sql`insert into events (id, type, subject, payload, occurred_at)
    values ('01900000-0000-7000-8000-000000000002', 'test', 'test', '{}', ${at})`.execute(db);
  await sql`update protocols set status = 'paused'`.execute(db);
  await sql`set timezone = 'Asia/Kathmandu'`.execute(db);
}

/** What a test can see of those before. */
async function look(db: Database) {
  const { rows } = await sql`select current_setting('timezone') as timezone,
    (select last_value from events_sequence_seq) as sequence`.execute(db);
  return { tables: await digestTables(db), rows };
}

async function during<TResult>(snapshot: TestSnapshot, work: (db: Database) => Promise<TResult>) {
  await using database = await createTestDatabase(snapshot);
  return await work(database.db);
}

it.each(["migrated", "forecasts"] as const)(
  "is the snapshot %s again, whatever a test before wrote",
  async (snapshot) => {
    const before = await during(snapshot, look);
    await during(snapshot, write);
    expect(await during(snapshot, look)).toEqual(before);
  },
);

it("is the snapshot again after rows whose triggers are always enabled have changed", async () => {
  const before = await during("forecasts", look);
  for (const statement of ["update risk_history set risk_score = 42", "delete from protocol_risk_changes"]) {
    await during("forecasts", (db) => sql.raw(statement).execute(db));
    expect(await during("forecasts", look)).toEqual(before);
  }
});

it.each([
  ["a table is gone", "drop table events"],
  ["a rule is gone", "alter table events disable trigger all"],
  ["a table is new", "create table extra (id integer)"],
  ["a table was emptied as a whole", "truncate auth_throttle"],
])("is another database after a test in which %s", async (_what, statement) => {
  const before = await during("migrated", look);
  await during("migrated", (db) => sql.raw(statement).execute(db));
  expect(await during("migrated", look)).toEqual(before);
  await during("migrated", (db) => expect(sql`select 1 from extra`.execute(db)).rejects.toThrow("extra"));
});

it("plans as a new database does, whatever a test before had in its tables", async () => {
  const statistics = (db: Database) =>
    sql`select relname, relpages, reltuples, (select count(*) from pg_statistic where starelid = pg_class.oid) as columns
      from pg_class where relname in ('events', 'protocols') order by 1`.execute(db);
  const before = await during("migrated", statistics);
  await during("migrated", async (db) => {
    await write(db);
    await sql`analyze events, protocols`.execute(db);
  });
  expect((await during("migrated", statistics)).rows).toEqual(before.rows);
});

it("is another database after a test that left a transaction open", async () => {
  const before = await during("migrated", look);
  await during("migrated", async (db) => {
    const transaction = await db.startTransaction().execute();
    await write(transaction);
    void transaction
      .commit()
      .execute()
      .catch(() => {});
  });
  expect(await during("migrated", look)).toEqual(before);
});
