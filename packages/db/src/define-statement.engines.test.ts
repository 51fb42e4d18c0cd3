import { sql } from "kysely";
import { expect, it } from "vitest";
import { defineStatement, defineStatements, type Placeholders } from "./define-statement.ts";
import { createTestDatabase } from "./testing/index.ts";

interface Values {
  readonly text: string | null;
  readonly moment: Date;
  readonly bytes: Uint8Array;
  readonly list: readonly string[];
}

const echo = defineStatement(
  (_db, { text, moment, bytes, list }: Placeholders<Values>) =>
    sql<Values>`select ${text}::text as text, ${moment}::timestamptz as moment, ${bytes}::bytea as bytes,
      ${list}::text[] as list where ${text}::text is distinct from 'nothing'`,
);

const numbers = defineStatements(
  ({ direction }: { readonly direction: "asc" | "desc" }) =>
    (_db, { count }: Placeholders<{ readonly count: number }>) =>
      sql<{
        number: number;
      }>`select number from generate_series(1, ${count}::int) as number order by number ${sql.raw(direction)}`,
);

const values = {
  text: "it's $1",
  moment: new Date("2026-01-15T12:00:00.123Z"),
  bytes: Buffer.from([0, 255]),
  list: ["a", '"b", {c}'],
};

it("gives the same each time, for whatever values", async () => {
  await using test = await createTestDatabase();
  for (const text of ["first", null, values.text, "", "again"]) {
    const row = await echo.first(test.db, { ...values, text });
    expect(row).toEqual({ ...values, text, bytes: expect.any(Uint8Array) });
    expect(Buffer.from(row?.bytes ?? [])).toEqual(values.bytes);
  }
  expect(await echo.first(test.db, { ...values, text: "nothing" })).toBeUndefined();
  expect(await echo.all(test.db, { ...values, text: "nothing" })).toEqual([]);
});

it("runs in a transaction, and is undone with it", async () => {
  await using test = await createTestDatabase();
  const insert = defineStatement(
    (_db, { number }: Placeholders<{ readonly number: number }>) =>
      sql<{ number: number }>`insert into numbers values (${number}) returning number`,
  );
  await sql`create table numbers (number integer primary key)`.execute(test.db);
  for (const number of [1, 2, 3, 4]) expect(await insert.all(test.db, { number })).toEqual([{ number }]);
  const write = test.db.transaction().execute(async (trx) => {
    await insert.all(trx, { number: 5 });
    await insert.all(trx, { number: 1 });
  });
  await expect(write).rejects.toMatchObject({ code: "23505" });
  expect((await sql`select count(*)::int as count from numbers`.execute(test.db)).rows).toEqual([
    { count: 4 },
  ]);
});

it("has a statement for each shape", async () => {
  await using test = await createTestDatabase();
  const read = async (direction: "asc" | "desc") =>
    (await numbers({ direction }).all(test.db, { count: 3 })).map(({ number }) => number);
  for (let round = 0; round < 4; round += 1) {
    expect([await read("asc"), await read("desc")]).toEqual([
      [1, 2, 3],
      [3, 2, 1],
    ]);
  }
});

it("is seen by who listens", async () => {
  await using test = await createTestDatabase();
  let heard = 0;
  const listening = test.db.withPlugin({
    transformQuery: ({ node }) => {
      heard += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  for (let round = 0; round < 3; round += 1) await echo.first(listening, values);
  expect(heard).toBe(3);
});
