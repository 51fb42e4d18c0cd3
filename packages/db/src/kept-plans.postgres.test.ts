import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import type { Database } from "./database.ts";
import { isTransactionConflict } from "./database-errors.ts";
import { defineStatement, type Placeholders } from "./define-statement.ts";
import { openDatabase } from "./open-database.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";
import { hasPgbouncer, startPgbouncer } from "./testing/start-pgbouncer.ts";

const readNotes = defineStatement(
  (_db, { least }: Placeholders<{ readonly least: number }>) =>
    sql<{ id: unknown; text: string }>`select id, text from notes where id >= ${least} order by id`,
);

/** A database with one connection, on which a plan is kept. */
async function openWithPlan(test: TestDatabase) {
  await sql`create table notes (id integer primary key, text text not null)`.execute(test.db);
  await sql`insert into notes values (1, 'one'), (2, 'two')`.execute(test.db);
  const database = await openDatabase({ url: test.url ?? "", pool: { size: 1 } });
  await readOften(database.db);
  expect(await countPlans(database.db)).toBe(1);
  return database;
}

async function readOften(db: Database): Promise<void> {
  for (let round = 0; round < 7; round += 1) await readNotes.all(db, { least: 1 });
}

async function countPlans(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_prepared_statements where statement like '%from notes%'`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

it("is kept by the connection, and goes on after a migration has changed what it reads", async () => {
  await using test = await createTestDatabase();
  const { db, close } = await openWithPlan(test);
  await sql`alter table notes alter column id type bigint`.execute(test.db);
  expect(await readNotes.all(db, { least: 2 })).toEqual([{ id: "2", text: "two" }]);
  await readOften(db);
  expect(await countPlans(db)).toBe(1);
  await close();
});

it("undoes a transaction under which a migration has changed what it reads, as a conflict", async () => {
  await using test = await createTestDatabase();
  const { db, close } = await openWithPlan(test);
  await sql`alter table notes alter column id type bigint`.execute(test.db);
  const write = () =>
    db.transaction().execute(async (trx) => {
      await sql`insert into notes values (3, 'three')`.execute(trx);
      return readNotes.all(trx, { least: 3 });
    });
  const error = await write().catch((thrown: unknown) => thrown);
  expect(isTransactionConflict(error)).toBe(true);
  expect(await write()).toEqual([{ id: "3", text: "three" }]);
  await close();
});

it("is done without where the server has forgotten it", async () => {
  await using test = await createTestDatabase();
  const { db, close } = await openWithPlan(test);
  await sql`deallocate all`.execute(db);
  expect(await readNotes.all(db, { least: 2 })).toEqual([{ id: 2, text: "two" }]);
  await readOften(db);
  expect(await countPlans(db)).toBe(0);
  await close();
});

it.skipIf(!(await hasPgbouncer()))(
  "is not kept behind a pooler, whose connections are everybody's",
  async () => {
    await using test = await createTestDatabase();
    await using pooler = await startPgbouncer(inject("postgresUrl"));
    const direct = await openWithPlan(test);
    await direct.close();
    const { db, close } = await openDatabase({ url: pooler.url(test.url ?? ""), pool: { size: 6 } });
    const expected = [{ id: 2, text: "two" }];
    const read = (index: number) =>
      index % 2 === 0
        ? readNotes.all(db, { least: 2 })
        : db.transaction().execute((trx) => readNotes.all(trx, { least: 2 }));
    for (const rows of await Promise.all(Array.from({ length: 48 }, (_, index) => read(index)))) {
      expect(rows).toEqual(expected);
    }
    const counts = await Promise.all(Array.from({ length: 12 }, () => countPlans(db)));
    expect(counts).toEqual(counts.map(() => 0));
    await close();
  },
);
