import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi } from "../testing/index.ts";
import { arrayColumn } from "./array-column.ts";

const texts = ["plain", "", null, 'quote " and \\', "{a,b}", "NULL", "é😀", "new\nline"];
const times = [
  new Date("2026-01-15T12:00:00.123Z"),
  new Date("2000-01-01"),
  new Date("1999-12-31T23:59:59.999Z"),
  null,
  new Date("2015-01-01"),
];
const numbers = [0, -0, 0.1, null, 1e308, 5e-324, -123.456789012345, Number.MAX_SAFE_INTEGER];
const integers = [0, -1, null, 2_147_483_647, -2_147_483_648];
const booleans = [true, null, false];

it.each([
  ["text", texts],
  ["timestamptz", times],
  ["float8", numbers],
  ["integer", integers],
  ["boolean", booleans],
] as const)("gives the database a column of %s as it is", async (type, values) => {
  await using api = await createTestApi();
  // One list of cases for columns of five types: the compiler cannot pair each with its values.
  const column = arrayColumn<unknown, typeof type>(values, type, (value) => value as never);
  const { rows } = await sql<{ value: unknown }>`select * from unnest(${column}) as row (value)`.execute(
    api.deps.db,
  );
  expect(rows.map(({ value }) => value)).toEqual(values);
});

it("takes numbers that are not finite for unknown, and a column may be empty", async () => {
  await using api = await createTestApi();
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, 1];
  const { rows } = await sql<{ odd: unknown; none: unknown }>`
    select ${arrayColumn(odd, "float8", (value) => value)} as odd, ${arrayColumn([], "text", () => null)} as none
  `.execute(api.deps.db);
  expect(rows).toEqual([{ odd: [null, null, 1], none: [] }]);
});
