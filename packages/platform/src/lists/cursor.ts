import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "../errors/app-error.ts";
import { cutToBytes, type FoundRows } from "./within-bytes.ts";

/** What a cursor is good for: one list, as one caller has asked for it. */
export interface ListView {
  readonly list: string;
  /** Whose rows they are; undefined where everybody is given the same. */
  readonly owner_id: string | undefined;
  /** The caller's input. Its filters and order are a part of the view; how many rows come at a time is not. */
  readonly input: { readonly limit: number; readonly cursor?: string | undefined };
}

/** Cursors of another version are refused. */
const cursorVersion = 1;

/**
 * Reads where the page before ended. A cursor that was made up can at most begin elsewhere: whose rows are listed is never
 * taken from it.
 *
 * @returns undefined for the first page
 * @throws AppError CURSOR_INVALID when it is not one that `toPage` made for this view and this kind of key
 */
export function readCursor<TKey extends readonly [unknown, ...unknown[]]>(
  view: ListView,
  key: z.ZodType<TKey>,
): TKey | undefined {
  const { cursor } = view.input;
  if (cursor === undefined) return undefined;
  try {
    const text = Buffer.from(cursor, "base64url").toString();
    const [, name, ...rest] = wholeCursor.parse(JSON.parse(text));
    if (name !== nameView(view)) throw new Error("It is the cursor of another list, order or filter.");
    return key.parse(rest);
  } catch (cause) {
    throw new AppError("CURSOR_INVALID", undefined, { cause });
  }
}

/**
 * Cuts one row more than the limit down to a page, with the cursor of the next one. Asking for one row more tells
 * whether there is a next page without counting; of large rows, `listWithinBytes` says it. A page ends after so many bytes, too.
 */
export function toPage<TRow>(
  view: ListView,
  found: readonly TRow[] | FoundRows<TRow>,
  keyOf: (row: TRow) => readonly (string | number)[],
): { items: TRow[]; next_cursor: string | null } {
  const { limit } = view.input;
  const { rows, isCut } = "rows" in found ? found : cutToBytes(found, limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if ((rows.length <= limit && !isCut) || last === undefined) return { items, next_cursor: null };
  const text = JSON.stringify([cursorVersion, nameView(view), ...keyOf(last)]);
  return { items, next_cursor: Buffer.from(text).toString("base64url") };
}

/** Key of a list whose rows can be told by their ids. */
export const idKey = z.tuple([z.uuid()]);

/** A position in a chain, in a key. With 18 digits, Postgres' bigint holds any. */
export const positionInKey = z.string().regex(/^[1-9]\d{0,17}$/);

/** A name in a key. Postgres' text cannot hold NUL, and a forged cursor may have it. */
export const nameInKey = z.string().refine((name) => !name.includes("\0"));

/** A moment in a key. Postgres has no year 0, and a forged cursor may. */
export const momentInKey = z.iso.datetime().refine((moment) => moment >= "1970");

const wholeCursor = z.tuple([z.literal(cursorVersion), z.string()], z.unknown());

/** A short name for a view: the same list with another filter, order or owner has another one. */
function nameView({ list, owner_id, input }: ListView): string {
  const { limit: _limit, cursor: _cursor, ...choices } = input;
  const sorted = Object.entries(choices).sort(([left], [right]) => (left < right ? -1 : 1));
  // JSON leaves out what is undefined only in objects.
  const text = JSON.stringify([list, owner_id, Object.fromEntries(sorted)]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 11);
}
