import type { Database } from "@obsqra/db";
import { type Expression, type RawBuilder, sql } from "kysely";

/**
 * How much JSON of large rows a page may have, so that a whole batch of pages is written within a turn of the event loop. A row
 * that is larger comes alone.
 */
export const pageBytesMax = 96 * 1024;

/** The rows of a page, and whether it ends before the limit because they are large. */
export interface FoundRows<TRow> {
  readonly rows: TRow[];
  readonly isCut: boolean;
}

/** A row as the database counts it. */
export interface CountedRow {
  readonly row_bytes: number;
  readonly found: number;
}

/**
 * The first rows of a query that fit into a page together, at least one. Larger ones are counted, but not read: a value of
 * `jsonb` stays on its own pages until it is asked for.
 *
 * @param query - made without the database's plugins, which see the whole statement; selects `row_bytes`, the size of what is large in a row, and has an order and a limit
 * @param order - the same order, by columns that the query selects
 */
export async function listWithinBytes<TRow extends { readonly row_bytes: number }>(
  db: Database,
  query: Expression<TRow>,
  order: RawBuilder<unknown>,
): Promise<FoundRows<TRow>> {
  const { rows } = await withinBytes(query, order).execute(db);
  return toFoundRows(rows);
}

/** The same as a statement, whose rows `toFoundRows` takes. */
export function withinBytes<TRow extends { readonly row_bytes: number }>(
  query: Expression<TRow>,
  order: RawBuilder<unknown>,
): RawBuilder<TRow & CountedRow> {
  return sql<TRow & CountedRow>`
    select * from (
      select page.*, cast(count(*) over () as integer) as found,
        sum(row_bytes) over (order by ${order} rows between unbounded preceding and 1 preceding) as bytes_before
      from ${query} as page
    ) as counted
    where bytes_before is null or bytes_before + row_bytes <= ${sql.lit(pageBytesMax)}
    order by ${order}`;
}

export function toFoundRows<TRow extends CountedRow>(rows: TRow[]): FoundRows<TRow> {
  return { rows, isCut: rows.length < (rows[0]?.found ?? 0) };
}

/**
 * How many rows to ask for of a list whose rows the service makes itself: one more than the limit, or than can fit into a page.
 *
 * @param rowBytesMin no row takes less as JSON
 */
export function rowsToRead(limit: number, rowBytesMin: number): number {
  return Math.min(limit, Math.floor(pageBytesMax / rowBytesMin)) + 1;
}

/** Rows of the database may have what JSON cannot. */
function withoutBigints(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/**
 * The first of such rows that fit into a page together, at least one.
 *
 * @param asked how many were asked for: when there are as many, there may be more
 */
export function cutToBytes<TRow>(rows: readonly TRow[], asked: number): FoundRows<TRow> {
  let bytes = 0;
  const fitting = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row, withoutBigints));
    return index > 0 && bytes > pageBytesMax;
  });
  if (fitting !== -1) return { rows: rows.slice(0, fitting), isCut: true };
  return { rows: [...rows], isCut: rows.length >= asked };
}
