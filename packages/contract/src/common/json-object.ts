import { z } from "zod";

type JsonObject = Record<string, z.core.util.JSONType>;

/** Deeper JSON has no honest use, and reading it can exhaust the stack of whoever reads it, the database included. */
const maxLevels = 32;

/** A JSON object with any content that can be stored and given back as it came, up to a size in KiB. */
export function jsonObject(maxKibibytes: number) {
  return z.preprocess(
    refuseDeepNesting,
    z
      .record(z.string(), z.json())
      .refine((value) => byteLength(value) <= maxKibibytes * 1024, `use at most ${maxKibibytes} KiB of JSON`)
      .refine(isStorable, "leave out NUL characters and halves of surrogate pairs"),
  );
}

/** Runs before the schema, which itself is recursive. */
function refuseDeepNesting(value: JsonObject, ctx: z.core.$RefinementCtx): JsonObject {
  if (!isDeeperThan(value, maxLevels)) return value;
  ctx.addIssue({ code: "custom", message: `nest at most ${maxLevels} levels deep` });
  return z.NEVER;
}

/** Goes level by level instead of by recursion, so that no depth can exhaust the stack. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let containers = [value].filter(isContainer);
  for (let level = 1; containers.length > 0; level += 1) {
    if (level > levels) return true;
    containers = containers.flatMap(Object.values).filter(isContainer);
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function byteLength(value: JsonObject): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}

/** Postgres stores neither in `jsonb`: https://www.postgresql.org/docs/current/datatype-json.html */
function isStorable(value: JsonObject): boolean {
  let storable = true;
  JSON.stringify(value, (key, inner: unknown) => {
    storable &&= isStorableText(key) && (typeof inner !== "string" || isStorableText(inner));
    return inner;
  });
  return storable;
}

function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
