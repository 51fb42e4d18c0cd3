import fc from "fast-check";
import type { z } from "zod";

/** How long a text or a list may be. */
interface Lengths {
  readonly minLength: number;
  readonly maxLength: number;
}

/** Longer texts cost time and find nothing new. */
const usualLengthMax = 64;

/**
 * Texts that follow the pattern and the lengths of a schema; whoever calls this leaves out those that other rules
 * refuse.
 */
export function arbitraryString(schema: z.core.$ZodType): fc.Arbitrary<string> {
  const pattern = listRules(schema)
    .map(({ pattern }) => pattern)
    .find((pattern) => pattern instanceof RegExp);
  // Patterns of Unicode properties describe a million characters each, one by one: nearly any text fits them.
  if (pattern !== undefined && !pattern.unicode) return arbitraryMatching(pattern);
  const lengths = readLengths(schema, usualLengthMax);
  return fc.oneof(
    fc.string({ ...lengths, size: "max" }),
    fc.string({ ...lengths, unit: "grapheme", size: "max" }),
  );
}

/** An arbitrary of a pattern takes up to 0.2 s to make and never changes; a few patterns serve hundreds of fields. */
const matching = new Map<string, fc.Arbitrary<string>>();

function arbitraryMatching(pattern: RegExp): fc.Arbitrary<string> {
  const known = matching.get(String(pattern)) ?? fc.stringMatching(pattern);
  matching.set(String(pattern), known);
  return known;
}

/** The lengths that a schema takes, up to a usual one. */
export function readLengths(schema: z.core.$ZodType, usualMax: number): Lengths {
  const rules = listRules(schema);
  const minLength = Math.max(0, ...rules.map(({ minimum }) => minimum).filter(isNumber));
  const maxLength = Math.min(usualMax, ...rules.map(({ maximum }) => maximum).filter(isNumber));
  return { minLength, maxLength: Math.max(minLength, maxLength) };
}

/** The definitions of a schema and its checks. What one kind of them has, others have not. */
interface Rule {
  readonly pattern?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
}

/** A text with a format of its own, such as `z.uuid()`, is its own check. */
function listRules(schema: z.core.$ZodType): readonly Rule[] {
  const { def } = schema._zod;
  // Zod's own types tell only what all kinds have in common.
  return [def, ...(def.checks ?? []).map(({ _zod }) => _zod.def)] as readonly Rule[];
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
