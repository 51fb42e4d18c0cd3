import { z } from "zod";
import { AppError } from "./app-error.ts";

/** Turns the sort key of a page's last row into an opaque cursor. */
function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/**
 * Reads a cursor back.
 *
 * @throws AppError CURSOR_INVALID when it is not one that `encodeCursor` made for this kind of key
 */
export function decodeCursor<TKey>(cursor: string | undefined, key: z.ZodType<TKey>): TKey | undefined {
  if (cursor === undefined) return undefined;
  try {
    return key.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (cause) {
    throw new AppError("CURSOR_INVALID", undefined, { cause });
  }
}

/** Key of a list that is ordered by its rows' ids. The list's name keeps cursors of other lists out. */
export function idKey<TList extends string>(list: TList) {
  return z.tuple([z.literal(list), z.uuid()]);
}

/** A name in a key. Postgres' text cannot hold NUL, and a forged cursor may have it. */
export const nameInKey = z.string().refine((name) => !name.includes("\0"));

/** A moment in a key. Postgres has no year 0, and a forged cursor may. */
export const momentInKey = z.iso.datetime().refine((moment) => moment >= "1970");

/**
 * Cuts one row more than the limit down to a page, with the cursor of the next one. Asking for one row more tells
 * whether there is a next page without counting.
 */
export function toPage<TRow>(
  rows: readonly TRow[],
  limit: number,
  keyOf: (row: TRow) => readonly string[],
): { items: TRow[]; next_cursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}
