import { type RawBuilder, sql } from "kysely";

/** What a column of many rows can hold. Numbers that are not finite count as unknown, as in JSON. */
type Value = string | number | boolean | Date | null | undefined | readonly string[];

/**
 * One column of many rows as an array parameter, for `unnest`. It goes as one text, which both engines read alike and in a
 * quarter of the time that rows as JSON take.
 *
 * @param type the array's type in Postgres, such as `float8[]`
 */
export function arrayColumn<TRow>(
  rows: readonly TRow[],
  type: "text[]" | "timestamptz[]" | "float8[]" | "integer[]" | "boolean[]",
  read: (row: TRow) => Value,
): RawBuilder<unknown> {
  const literal = `{${rows.map((row) => toElement(read(row))).join(",")}}`;
  return sql`cast(cast(${literal} as text) as ${sql.raw(type)})`;
}

function toElement(value: Value): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "NULL";
  if (typeof value === "boolean") return value ? "t" : "f";
  if (value instanceof Date) return quote(value.toISOString());
  return quote(typeof value === "string" ? value : `{${value.map(quote).join(",")}}`);
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
