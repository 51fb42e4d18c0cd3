import fc from "fast-check";
import { z } from "zod";
import { arbitraryInput } from "./arbitrary-input.ts";

type Path = readonly (string | number)[];

/** Changes the value at one place of an input; undefined takes it away. */
type Change = (value: unknown) => unknown;

/**
 * Makes inputs that a schema is likely to refuse: valid ones with one to three places changed, and whole values of other
 * kinds. Whether one is refused, only the schema knows: a change may do no harm.
 */
export function arbitraryInvalidInput(schema: z.ZodType): fc.Arbitrary<unknown> {
  const changes = fc.array(fc.tuple(fc.nat(), arbitraryChange()), { minLength: 1, maxLength: 3 });
  const changed = fc
    .tuple(arbitraryInput(schema), changes)
    .map(([input, list]) =>
      list.reduce((value, [place, change]) => changeAt(value, place, change, schema), input),
    );
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: arbitraryHostileValue() });
}

/** Values that programs stumble over: of every kind, too long, too large, too deep, and with names of prototypes. */
export function arbitraryHostileValue(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom(...hostileTexts),
    fc.constantFrom(...hostileNumbers),
    // A copy each time, in case somebody changes it.
    fc.constantFrom(...hostileJson).map((text): unknown => JSON.parse(text)),
    fc.string({ unit: "binary" }),
    fc.jsonValue(),
  );
}

const hostileTexts = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\udc00\ud800",
  "\u202e\u200b\ufeff",
  "e\u0301".repeat(100),
  "x".repeat(257),
  "x".repeat(1_025),
  "9".repeat(80),
  "-1",
  "NaN",
  "Infinity",
  "1e999",
  "0x",
  "0xg",
  `0x${"f".repeat(64)}`,
  `0x${"0".repeat(65)}`,
  "0.0000000000000000001",
  "true",
  "null",
  "undefined",
  "__proto__",
  "constructor",
  "[object Object]",
  "' or 1=1; drop table users; --",
  "{{7*7}}<script>alert(1)</script>",
  "../../etc/passwd",
  "%00%2e%2e%2f",
  "a\r\nset-cookie: a=b",
  "2026-02-30T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "00000000-0000-0000-0000-000000000000",
];

const hostileNumbers = [
  -1,
  0,
  0.5,
  1.005,
  100.01,
  101,
  1_001,
  2 ** 31,
  2 ** 53,
  1e21,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  -Number.MAX_VALUE,
];

const hostileJson = [
  "null",
  "true",
  "{}",
  "[]",
  "[[]]",
  "[null]",
  '{"":""}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"toString":1,"hasOwnProperty":1,"then":1,"length":-1}',
  '{"\\u0000":"\\ud800"}',
  `${"[".repeat(40)}${"]".repeat(40)}`,
  `${'{"a":'.repeat(40)}1${"}".repeat(40)}`,
  `[${"0,".repeat(2_000)}0]`,
];

function arbitraryChange(): fc.Arbitrary<Change> {
  return fc.oneof(
    arbitraryHostileValue().map((value) => () => value),
    fc.constantFrom<Change>(
      () => undefined,
      () => null,
      (value) => [value],
      (value) => [value, value],
      (value) => ({ value }),
      (value) => (typeof value === "string" ? `${value} ` : JSON.stringify(value)),
      (value) => (typeof value === "string" ? value.slice(1) : 1),
      (value) => (typeof value === "string" ? value.repeat(20) : true),
      (value) => (typeof value === "number" ? -value - 1 : String(typeof value)),
      (value) => (isObject(value) ? { ...value, unknown_field: 1 } : value),
    ),
  );
}

/** Changes an input at one of its places, or at a field that its schema knows and that is not there. */
function changeAt(input: unknown, place: number, change: Change, schema: z.ZodType): unknown {
  const paths = [...listPaths(input), ...listFields(schema).map((name): Path => [name])];
  const path = paths[place % paths.length] ?? [];
  return replaceAt(input, path, change);
}

function replaceAt(value: unknown, path: Path, change: Change): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return jsonOf(change(value));
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      index === name ? (replaceAt(item, rest, change) ?? null) : item,
    );
  }
  const object = isObject(value) ? value : {};
  const replaced = replaceAt(object[name], rest, change);
  const others = Object.entries(object).filter(([key]) => key !== String(name));
  return Object.fromEntries(replaced === undefined ? others : [...others, [name, replaced]]);
}

/** As it is read at the other end: no -0, and no NaN. */
function jsonOf(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Every place in a value, the whole first. */
function listPaths(value: unknown): Path[] {
  if (typeof value !== "object" || value === null) return [[]];
  const inside = Object.entries(value).flatMap(([name, inner]) =>
    listPaths(inner).map((path): Path => [Array.isArray(value) ? Number(name) : name, ...path]),
  );
  return [[], ...inside];
}

function listFields(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return listFields(schema.unwrap() as z.ZodType);
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
