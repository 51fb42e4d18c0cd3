import { z } from "zod";

export type JsonObject = Record<string, z.core.util.JSONType>;

/** Deeper JSON has no honest use, and reading it can exhaust the stack of whoever reads it, the database included. */
const maxLevels = 32;

/** What the documents say of both schemas; zod cannot know it of a value that it does not walk through. */
const objectOfAnything = {
  type: "object",
  propertyNames: { type: "string" },
  additionalProperties: {},
} as const;

/** More have no honest use, and each costs whoever hashes them about as much as a hundred bytes do. */
const maxValues = 1_000;

/**
 * A JSON object with any content that can be stored and given back as it came, up to a size in KiB. It is looked at once, for
 * as long as it is not too large: `z.json()` tries every kind of value for every value, and describes each that does not fit.
 */
export function jsonObject(maxKibibytes: number) {
  // `superRefine` checks the whole value without a copy, but leaves its type unknown.
  return z
    .unknown()
    .superRefine((value, ctx) => {
      const message = findFault(value, maxKibibytes);
      if (message !== undefined) ctx.addIssue({ code: "custom", message });
    })
    .meta(objectOfAnything) as z.ZodType<JsonObject, JsonObject>;
}

/** A JSON object as it was stored. It was checked when it came, so that whoever reads it pays for no second look; `refine` leaves the type of what it checks as it was. */
export const storedJsonObject = z
  .unknown()
  .refine(isObject, "is not a JSON object")
  .meta(objectOfAnything) as z.ZodType<JsonObject, JsonObject>;

/** One container on the way to the value that is looked at. */
interface Visit {
  readonly values: Iterator<unknown>;
  /** The names of an object; undefined of an array. */
  readonly names: Iterator<string> | undefined;
}

/** Goes without recursion, so that no depth can exhaust the stack, and stops at the first byte too many. */
function findFault(value: unknown, maxKibibytes: number): string | undefined {
  if (!isObject(value)) return "use a JSON object";
  let left = maxKibibytes * 1024;
  let values = 0;
  const path: Visit[] = [];
  // Brackets, commas and colons; whether there is room for as many values at all, before they are looked at.
  const enter = (container: object): boolean => {
    const items: unknown[] = Array.isArray(container) ? container : Object.values(container);
    const names = items === container ? undefined : Object.keys(container);
    left -= Math.max(2, items.length + 1) + (names?.length ?? 0);
    path.push({ values: items.values(), names: names?.values() });
    return items.length <= left;
  };
  const tooLarge = `use at most ${maxKibibytes} KiB of JSON`;
  if (!enter(value)) return tooLarge;
  for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
    const next = visit.values.next();
    if (next.done === true) {
      path.pop();
      continue;
    }
    const name = visit.names?.next().value;
    if (name !== undefined) {
      if (!isStorableText(name)) return unstorable;
      left -= textBytes(name, left);
    }
    values += 1;
    if (values > maxValues) return `use at most ${maxValues} values`;
    const inner = next.value;
    if (typeof inner === "object" && inner !== null) {
      if (path.length === maxLevels) return `nest at most ${maxLevels} levels deep`;
      if (!enter(inner)) return tooLarge;
    } else if (typeof inner === "string") {
      left -= textBytes(inner, left);
      if (left >= 0 && !isStorableText(inner)) return unstorable;
    } else if (typeof inner === "number" && Number.isFinite(inner)) {
      if (Object.is(inner, -0)) return "write 0 instead of -0, which is not kept";
      left -= storedDigits(inner);
    } else if (typeof inner === "boolean" || inner === null) {
      left -= String(inner).length;
    } else {
      return "use a JSON object";
    }
    if (left < 0) return tooLarge;
  }
  return undefined;
}

/** Says what is wrong with a text that is not. */
export const unstorable = "leave out NUL characters and halves of surrogate pairs";

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The bytes of a text in JSON. One that is too long anyway is not encoded. */
function textBytes(text: string, left: number): number {
  if (text.length > left) return text.length + 2;
  return encoder.encode(JSON.stringify(text)).byteLength;
}

const encoder = new TextEncoder();

/** Postgres' `jsonb` keeps numbers digit by digit: `1e300` has 301 of them, and so it is read again. */
function storedDigits(value: number): number {
  const text = String(value);
  const [digits = "", exponent] = text.split("e");
  return exponent === undefined ? text.length : digits.length + Math.abs(Number(exponent));
}

/** Postgres stores neither in `text` nor in `jsonb`: https://www.postgresql.org/docs/current/datatype-json.html */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
