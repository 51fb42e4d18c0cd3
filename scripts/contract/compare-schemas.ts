import { isDeepStrictEqual } from "node:util";
import { type JsonSchema, referenceName } from "@obsqra/contract/schemas";

/** A schema, and what `#/$defs/Name` stands for in it. */
export interface SchemaInContext {
  readonly schema: JsonSchema;
  readonly named: Readonly<Record<string, JsonSchema>>;
}

/**
 * What a change does to the values that a schema takes.
 *
 * - `narrower`: fewer than before, which breaks who sends them.
 * - `wider`: more than before, which breaks who reads them.
 * - `other`: it cannot be told, or both.
 * - `removed`: a field is gone, which breaks either.
 * - `added`: a field that may be left out, which breaks nobody.
 * - `default`: what a field is when it is left out, which breaks who leaves it out.
 */
export type SchemaEffect = "narrower" | "wider" | "other" | "removed" | "added" | "default";

/** One place where a schema has changed. */
export interface SchemaChange {
  /** Where, such as `.items[].amount`; empty for the whole. */
  readonly at: string;
  /** What, such as `minimum 1 -> 2`. */
  readonly what: string;
  readonly effect: SchemaEffect;
}

/** Every place where two schemas do not say the same. What they cannot say, such as a refinement in code, is not compared. */
export function compareSchemas(before: SchemaInContext, after: SchemaInContext): SchemaChange[] {
  return compareAt("", before.schema, after.schema, { before: before.named, after: after.named, trail: [] });
}

const lowerLimits = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] as const;
const upperLimits = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] as const;

/** Keywords that are compared one by one; of any other, only that it differs is known. */
const comparedKeywords: ReadonlySet<string> = new Set([
  ...lowerLimits,
  ...upperLimits,
  ...["$ref", "type", "enum", "const", "anyOf", "oneOf", "default"],
  ...["properties", "required", "additionalProperties", "propertyNames", "items"],
]);

/** The names, on both sides, inside of which something is compared: in a recursive schema they come again. */
type Trail = readonly string[];

interface Comparison {
  readonly before: SchemaInContext["named"];
  readonly after: SchemaInContext["named"];
  readonly trail: Trail;
}

function compareAt(
  at: string,
  before: JsonSchema,
  after: JsonSchema,
  comparison: Comparison,
): SchemaChange[] {
  const pair = `${before.$ref} ${after.$ref}`;
  if (before.$ref !== undefined && comparison.trail.includes(pair)) return [];
  const within =
    before.$ref === undefined ? comparison : { ...comparison, trail: [...comparison.trail, pair] };
  return [
    ...compareDefaults(at, before, after),
    ...pairAlternatives(
      listAlternatives(before, comparison.before),
      listAlternatives(after, comparison.after),
    ).flatMap(([left, right]): SchemaChange[] => {
      if (left !== undefined && right !== undefined) return compareSingle(at, left, right, within);
      return left === undefined
        ? [{ at, what: `also takes ${describeKind(right)}`, effect: "wider" }]
        : [{ at, what: `no longer takes ${describeKind(left)}`, effect: "narrower" }];
    }),
  ];
}

/** Adding a default breaks nobody: a field without one could be left out before, or is new. */
function compareDefaults(at: string, before: JsonSchema, after: JsonSchema): SchemaChange[] {
  if (before.default === undefined || isDeepStrictEqual(before.default, after.default)) return [];
  return [{ at, what: `default ${print(before.default)} -> ${print(after.default)}`, effect: "default" }];
}

/** The schemas of which a value has to fit one, each with at most one type, none a reference. */
function listAlternatives(schema: JsonSchema, named: SchemaInContext["named"]): JsonSchema[] {
  const { $ref, anyOf, oneOf, ...rest } = schema;
  if ($ref !== undefined) {
    const target = named[referenceName($ref)];
    if (target === undefined) throw new Error(`There is no schema ${$ref}.`);
    return listAlternatives({ ...target, ...rest }, named);
  }
  const options = anyOf ?? oneOf;
  if (options !== undefined)
    return options.flatMap((option) => listAlternatives(option as JsonSchema, named));
  const types: unknown = rest.type;
  return Array.isArray(types) ? types.map((type: JsonSchema["type"]) => ({ ...rest, type })) : [rest];
}

/** Pairs the alternatives of both sides: the same ones, then those of the same kind, in order. */
function pairAlternatives(
  before: readonly JsonSchema[],
  after: readonly JsonSchema[],
): [JsonSchema | undefined, JsonSchema | undefined][] {
  // What is not a choice is compared whatever its kind.
  if (before.length === 1 && after.length === 1) return [[before[0], after[0]]];
  const left = [...after];
  const take = (fits: (candidate: JsonSchema) => boolean) => {
    const index = left.findIndex(fits);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  const same = before.map((one) => [one, take((other) => isDeepStrictEqual(one, other))] as const);
  const pairs = same.map(([one, other]): [JsonSchema, JsonSchema | undefined] => [
    one,
    other ?? take((candidate) => describeKind(candidate) === describeKind(one)),
  ]);
  return [...pairs, ...left.map((other): [undefined, JsonSchema] => [undefined, other])];
}

function describeKind(schema: JsonSchema | undefined): string {
  const type = schema?.type ?? typeof listValues(schema ?? {})?.[0];
  return type === "integer" ? "number" : String(type);
}

function compareSingle(
  at: string,
  before: JsonSchema,
  after: JsonSchema,
  comparison: Comparison,
): SchemaChange[] {
  const types = compareTypes(at, before.type, after.type);
  if (types?.effect === "other") return [types];
  return [
    ...(types === undefined ? [] : [types]),
    ...compareValues(at, listValues(before), listValues(after)),
    ...lowerLimits.flatMap((name) => compareLimits(at, name, [before[name], after[name]], 1)),
    ...upperLimits.flatMap((name) => compareLimits(at, name, [before[name], after[name]], -1)),
    ...compareOtherKeywords(at, before, after),
    ...compareProperties(at, before, after, comparison),
    ...comparePart(`${at}{}`, [before.additionalProperties, after.additionalProperties], comparison),
    ...comparePart(`${at}{name}`, [before.propertyNames, after.propertyNames], comparison),
    ...comparePart(`${at}[]`, [before.items, after.items], comparison),
  ];
}

function compareTypes(at: string, before: unknown, after: unknown): SchemaChange | undefined {
  if (before === after) return undefined;
  const what = `type ${before ?? "any"} -> ${after ?? "any"}`;
  if (before === undefined || (before === "number" && after === "integer"))
    return { at, what, effect: "narrower" };
  if (after === undefined || (before === "integer" && after === "number"))
    return { at, what, effect: "wider" };
  return { at, what, effect: "other" };
}

/** The only values that a schema takes, where it lists them. */
function listValues({ enum: values, const: only }: JsonSchema): readonly unknown[] | undefined {
  return values ?? (only === undefined ? undefined : [only]);
}

function compareValues(
  at: string,
  before: readonly unknown[] | undefined,
  after: readonly unknown[] | undefined,
): SchemaChange[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return before === undefined
      ? [{ at, what: "now only certain values", effect: "narrower" }]
      : [{ at, what: "no longer only certain values", effect: "wider" }];
  }
  return [
    ...before
      .filter((value) => !after.includes(value))
      .map((value): SchemaChange => ({ at, what: `no longer ${print(value)}`, effect: "narrower" })),
    ...after
      .filter((value) => !before.includes(value))
      .map((value): SchemaChange => ({ at, what: `also ${print(value)}`, effect: "wider" })),
  ];
}

/** @param sign 1 where a higher limit takes fewer values, -1 where a lower one does */
function compareLimits(
  at: string,
  name: string,
  limits: readonly [unknown, unknown],
  sign: 1 | -1,
): SchemaChange[] {
  const [before, after] = limits.map((limit) => (typeof limit === "number" ? limit : undefined));
  if (before === after) return [];
  const isNarrower = before === undefined || (after !== undefined && (after - before) * sign > 0);
  const what = `${name} ${before ?? "none"} -> ${after ?? "none"}`;
  return [{ at, what, effect: isNarrower ? "narrower" : "wider" }];
}

/** Of a pattern or a format, only whether it came, went or changed can be told. */
function compareOtherKeywords(at: string, before: JsonSchema, after: JsonSchema): SchemaChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => !comparedKeywords.has(name) && !isDeepStrictEqual(before[name], after[name]))
    .map((name): SchemaChange => {
      if (before[name] === undefined) return { at, what: `${name} added`, effect: "narrower" };
      if (after[name] === undefined) return { at, what: `${name} removed`, effect: "wider" };
      return { at, what: `${name} changed`, effect: "other" };
    });
}

function compareProperties(
  at: string,
  { properties: before = {}, required: requiredBefore = [] }: JsonSchema,
  { properties: after = {}, required: requiredAfter = [] }: JsonSchema,
  comparison: Comparison,
): SchemaChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): SchemaChange[] => {
    const place = `${at}.${name}`;
    const [left, right] = [before[name], after[name]];
    const [wasRequired, isRequired] = [requiredBefore.includes(name), requiredAfter.includes(name)];
    if (right === undefined) return [{ at: place, what: "removed", effect: "removed" }];
    if (left === undefined) {
      return isRequired
        ? [{ at: place, what: "added, required", effect: "narrower" }]
        : [{ at: place, what: "added", effect: "added" }];
    }
    const requirement: SchemaChange[] =
      wasRequired === isRequired
        ? []
        : [
            isRequired
              ? { at: place, what: "now required", effect: "narrower" }
              : { at: place, what: "no longer required", effect: "wider" },
          ];
    return [...requirement, ...compareAt(place, left as JsonSchema, right as JsonSchema, comparison)];
  });
}

/** Compares schemas that may be left out, which then take anything, or be `false`, which takes nothing. */
function comparePart(at: string, parts: readonly [unknown, unknown], comparison: Comparison): SchemaChange[] {
  const [before, after] = parts.map((part) =>
    part === undefined || isDeepStrictEqual(part, {}) ? true : part,
  );
  if (isDeepStrictEqual(before, after) && typeof before === "boolean") return [];
  if (before === true || after === false) return [{ at, what: "takes less", effect: "narrower" }];
  if (before === false || after === true) return [{ at, what: "takes more", effect: "wider" }];
  return compareAt(at, before as JsonSchema, after as JsonSchema, comparison);
}

function print(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
