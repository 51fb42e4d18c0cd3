import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import type { Database } from "./database.ts";
import { isDatabaseUnavailable } from "./database-errors.ts";
import { defineStatement, type Placeholders } from "./define-statement.ts";
import { openDatabase } from "./open-database.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";
import { hasPgbouncer, startPgbouncer } from "./testing/start-pgbouncer.ts";

interface Divided {
  readonly twelfths: number;
  readonly transaction: string;
}

/** Fails for zero, as a statement of the real ones may for reasons that nobody foresees. */
const divide = defineStatement(
  (_db, { number }: Placeholders<{ readonly number: number }>) =>
    sql<Divided>`select 12 / ${number}::int as twelfths, pg_current_xact_id()::text as transaction`,
  { isShared: true },
);

/** A database of whose connections each has run the statement before, so that it has a name. */
async function openWarm(test: TestDatabase, size: number, url = test.url ?? "") {
  const database = await openDatabase({ url, pool: { size } });
  for (let round = 0; round < 4; round += 1) await divide.all(database.db, { number: 1 });
  return database;
}

async function divideAll(db: Database, numbers: readonly number[]) {
  return Promise.allSettled(numbers.map((number) => divide.all(db, { number })));
}

it("sends what is asked in one turn together, and gives each its own answer", async () => {
  await using test = await createTestDatabase();
  const { db, close } = await openWarm(test, 4);
  const numbers = Array.from({ length: 24 }, (_, index) => index + 1);
  for (let round = 0; round < 3; round += 1) {
    const rows = (await Promise.all(numbers.map((number) => divide.first(db, { number })))).map(
      (row) => row as Divided,
    );
    expect(rows.map(({ twelfths }) => twelfths)).toEqual(numbers.map((number) => Math.trunc(12 / number)));
    expect(new Set(rows.map(({ transaction }) => transaction)).size).toBe(3);
  }
  await close();
});

it("lets a statement that fails fail alone", async () => {
  await using test = await createTestDatabase();
  const { db, close } = await openWarm(test, 2);
  for (let round = 0; round < 3; round += 1) {
    const results = await divideAll(db, [1, 0, 3, 0, 4]);
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(results).toMatchObject([
      { value: [{ twelfths: 12 }] },
      { reason: { code: "22012" } },
      { value: [{ twelfths: 4 }] },
      { reason: { code: "22012" } },
      { value: [{ twelfths: 3 }] },
    ]);
  }
  expect(await divide.all(db, { number: 2 })).toMatchObject([{ twelfths: 6 }]);
  await close();
});

it("leaves alone what runs in a transaction", async () => {
  await using test = await createTestDatabase();
  const { db, close } = await openWarm(test, 3);
  const inTransaction = db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(trx);
    const [row] = await divide.all(trx, { number: 1 });
    return row?.transaction === rows[0]?.id;
  });
  const [isSame] = await Promise.all([inTransaction, divideAll(db, [1, 2, 3])]);
  expect(isSame).toBe(true);
  await close();
});

it("goes on after a migration has changed what is read", async () => {
  await using test = await createTestDatabase();
  await sql`create table notes (id integer primary key)`.execute(test.db);
  await sql`insert into notes values (1), (2)`.execute(test.db);
  const find = defineStatement(
    (_db, { id }: Placeholders<{ readonly id: number }>) =>
      sql<{ id: unknown }>`select * from notes where id = ${id}::int`,
    { isShared: true },
  );
  const { db, close } = await openWarm(test, 1);
  const findBoth = () => Promise.all([find.first(db, { id: 1 }), find.first(db, { id: 2 })]);
  for (let round = 0; round < 3; round += 1) expect(await findBoth()).toEqual([{ id: 1 }, { id: 2 }]);
  await sql`alter table notes alter column id type bigint`.execute(test.db);
  for (let round = 0; round < 3; round += 1) expect(await findBoth()).toEqual([{ id: "1" }, { id: "2" }]);

  expect(await findBoth()).toEqual([{ id: "1" }, { id: "2" }]);
  await close();
});

const sleep = defineStatement(
  (_db, { seconds }: Placeholders<{ readonly seconds: number }>) => sql`select pg_sleep(${seconds}::float8)`,
  { isShared: true },
);

it.each(["pg_terminate_backend", "pg_cancel_backend"])(
  "tells all of them when one is ended by %s, sends none again, and lets other statements go on",
  async (end) => {
    await using test = await createTestDatabase();
    const { db, close } = await openWarm(test, 2);
    for (let round = 0; round < 3; round += 1) await sleep.all(db, { seconds: 0 });
    const asleep = Promise.allSettled([300, 0, 300].map((seconds) => sleep.all(db, { seconds })));
    expect(await divide.first(db, { number: 3 })).toMatchObject({ twelfths: 4 });
    await expect
      .poll(async () => {
        const { rows } = await sql`select ${sql.raw(end)}(pid) from pg_stat_activity
          where wait_event = 'PgSleep' and datname = current_database()`.execute(test.db);
        return rows.length;
      })
      .toBe(1);
    for (const result of await asleep) {
      expect(result.status === "rejected" && isDatabaseUnavailable(result.reason)).toBe(true);
    }
    expect(await divide.first(db, { number: 4 })).toMatchObject({ twelfths: 3 });
    await close();
  },
);

it("tells everybody when there is no server", async () => {
  const { db, close } = await openDatabase({ url: "postgres://nobody@127.0.0.1:1/nothing" });
  const find = () => divide.first(db, { number: 1 });
  for (const result of await Promise.allSettled([find(), find(), find(), find()])) {
    expect(result.status === "rejected" && isDatabaseUnavailable(result.reason)).toBe(true);
  }
  await close();
});

it.skipIf(!(await hasPgbouncer()))("sends each alone behind a pooler", async () => {
  await using test = await createTestDatabase();
  await using pooler = await startPgbouncer(inject("postgresUrl"));
  const { db, close } = await openWarm(test, 3, pooler.url(test.url ?? ""));
  const results = await divideAll(db, [1, 0, 3, 4]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  await close();
});
