import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "./database.ts";
import { defineStatement, type Placeholders } from "./define-statement.ts";
import { createTestDatabase } from "./testing/index.ts";

const insertNumber = defineStatement(
  (_db, { number }: Placeholders<{ readonly number: number }>) =>
    sql<{ number: number }>`insert into numbers values (${number}) returning number`,
);

async function createNumbers(db: Database): Promise<void> {
  await sql`create table numbers (number integer primary key, twice integer unique deferrable initially deferred)`.execute(
    db,
  );
}

async function listNumbers(db: Database): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`select number from numbers order by number`.execute(db);
  return rows.map(({ number }) => number);
}

it("gives values as pg does, named or not", async () => {
  await using test = await createTestDatabase();
  const bytes = Buffer.from([0, 1, 255]);
  const moment = new Date("2026-01-15T12:00:00.123Z");
  const late = new Date("+012026-01-15T12:00:00Z");
  const read = (
    value: string,
  ) => sql<object>`select ${value}::text as text, ${12}::int as number, ${true}::boolean as yes,
    ${bytes}::bytea as bytes, ${moment}::timestamptz as moment, ${late}::timestamptz as late, ${null}::text as nothing,
    ${{ a: [1] }}::jsonb as json, ${"123456789012345678901234567890.5"}::numeric as amount, ${9007199254740993n}::bigint as large`;
  const expected = {
    number: 12,
    yes: true,
    bytes,
    moment,
    late,
    nothing: null,
    json: { a: [1] },
    amount: "123456789012345678901234567890.5",
    large: "9007199254740993",
  };
  for (const text of ["", "it's $1 \\ \u{1f600}"]) {
    expect((await read(text).execute(test.db)).rows).toEqual([{ ...expected, text }]);
  }
});

it("commits with the last statement, after which nothing comes", async () => {
  await using test = await createTestDatabase();
  await createNumbers(test.db);
  for (const number of [1, 2, 3, 4]) {
    const rows = await test.db.transaction().execute((trx) => insertNumber.last(trx, { number }));
    expect(rows).toEqual([{ number }]);
  }
  const write = test.db.transaction().execute(async (trx) => {
    await insertNumber.last(trx, { number: 5 });
    await insertNumber.all(trx, { number: 6 });
  });
  await expect(write).rejects.toThrow("Nothing follows");
  expect(await listNumbers(test.db)).toEqual([1, 2, 3, 4, 5]);
});

it("does not commit when the last statement fails, nor when the commit does", async () => {
  await using test = await createTestDatabase();
  await createNumbers(test.db);
  const twice = (last: number) =>
    test.db.transaction().execute(async (trx) => {
      await sql`insert into numbers values (1, 1), (2, 1)`.execute(trx);
      await insertNumber.last(trx, { number: last });
    });
  await expect(twice(1)).rejects.toMatchObject({ code: "23505", constraint: "numbers_pkey" });
  await expect(twice(3)).rejects.toMatchObject({ code: "23505", constraint: "numbers_twice_key" });
  expect(await listNumbers(test.db)).toEqual([]);
  expect(await test.db.transaction().execute((trx) => insertNumber.last(trx, { number: 7 }))).toHaveLength(1);
});

it("begins with the first statement, and does nothing of it when that fails", async () => {
  await using test = await createTestDatabase();
  await createNumbers(test.db);
  for (let round = 0; round < 4; round += 1) {
    const write = test.db.transaction().execute(async (trx) => {
      await sql`insert into numbers values (${1 + round}), (null)`.execute(trx);
    });
    await expect(write).rejects.toMatchObject({ code: "23502" });
    await expect(test.db.transaction().execute(async () => "nothing sent")).resolves.toBe("nothing sent");
  }
  await test.db.transaction().execute(async (trx) => {
    // Several statements in one text, and a list as a value, have messages of their own.
    await sql.raw("insert into numbers values (10); insert into numbers values (11)").execute(trx);
    await sql`insert into numbers select unnest(${[12, 13]}::int[])`.execute(trx);
  });
  expect(await listNumbers(test.db)).toEqual([10, 11, 12, 13]);
});

it("parses a statement again whose first attempt has failed", async () => {
  await using test = await createTestDatabase();
  await createNumbers(test.db);
  await test.db.connection().execute(async (db) => {
    for (const number of [1, 2, 3]) await insertNumber.all(db, { number });
    for (let round = 0; round < 3; round += 1) {
      await expect(insertNumber.all(db, { number: 1 })).rejects.toMatchObject({ code: "23505" });
    }
    expect(await insertNumber.all(db, { number: 4 })).toEqual([{ number: 4 }]);
  });
});
