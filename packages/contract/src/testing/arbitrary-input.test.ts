import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { listEndpoints } from "../contract.ts";
import { accepts, arbitraryInput, arbitraryInvalidInput } from "./index.ts";

const endpoints = listEndpoints();
const sampleOf = (schema: z.ZodType, numRuns = 100, seed = 1) =>
  fc.sample(arbitraryInput(schema), { numRuns, seed });

it.each(endpoints)("makes inputs that $path takes, also after a way as JSON", ({ endpoint }) => {
  for (const input of sampleOf(endpoint.input)) {
    expect(endpoint.input.safeParse(input).error).toBeUndefined();
    if (input === undefined) continue;
    expect(endpoint.input.safeParse(JSON.parse(JSON.stringify(input))).error).toBeUndefined();
  }
});

it("fills in every field of every endpoint, and leaves out every one that is optional", () => {
  for (const { path, endpoint } of endpoints) {
    const inputs = sampleOf(endpoint.input);
    for (const [field, schema] of Object.entries(fieldsOf(endpoint.input))) {
      const present = inputs.filter((input) => fieldOf(input, field) !== undefined).length;
      expect([path, field, present > 5]).toEqual([path, field, true]);
      if (!schema.safeParse(undefined).success) continue;
      const missing = inputs.length - present;
      expect([path, field, missing > 5]).toEqual([path, field, true]);
    }
  }
});

it("makes every option of an enumeration, and both ends of a range", () => {
  const schema = z.object({ mode: z.enum(["a", "b", "c"]), days: z.int().min(1).max(90) });
  const inputs = sampleOf(schema).map((input) => schema.parse(input));
  expect(new Set(inputs.map(({ mode }) => mode))).toEqual(new Set(["a", "b", "c"]));
  expect(inputs.map(({ days }) => days)).toEqual(expect.arrayContaining([1, 90]));
});

it("uses the examples of the documentation", () => {
  for (const { path, endpoint } of endpoints) {
    const [example] = z.array(z.unknown()).catch([]).parse(endpoint.input.meta()?.examples);
    if (example === undefined) continue;
    expect([path, sampleOf(endpoint.input)]).toEqual([path, expect.arrayContaining([example])]);
  }
});

it("makes the same inputs from the same seed", () => {
  for (const { endpoint } of endpoints) {
    expect(sampleOf(endpoint.input, 20, 7)).toEqual(sampleOf(endpoint.input, 20, 7));
  }
});

it("says so when a rule cannot be met by chance, and when it does not know a kind of schema", () => {
  const magic = z.string().refine((text) => text === "open sesame");
  expect(() => sampleOf(magic)).toThrow("Give this string examples");
  expect(() => arbitraryInput(z.object({ at: z.date() }))).toThrow("Teach arbitraryInput to make a date.");
});

it("counts what a schema cannot even look at as refused", () => {
  const value = { length: { toString: 1, valueOf: 1 } };
  expect(() => z.string().max(3).safeParse(value)).toThrow(TypeError);
  expect(accepts(z.string().max(3), value)).toBe(false);
});

it("makes invalid inputs that each endpoint mostly refuses, for more than one reason", () => {
  for (const { path, endpoint } of endpoints) {
    const inputs = fc.sample(arbitraryInvalidInput(endpoint.input), { numRuns: 150, seed: 1 });
    const refused = inputs.filter((input) => !accepts(endpoint.input, input));
    const codes = refused.flatMap((input) => issuesOf(endpoint.input, input)).map(({ code }) => code);
    expect([path, refused.length > 50]).toEqual([path, true]);
    const fields = Object.keys(fieldsOf(endpoint.input)).length;
    if (fields > 0) expect([path, new Set(codes).size > 1]).toEqual([path, true]);
  }
});

it("makes invalid inputs as JSON can carry them", () => {
  for (const { endpoint } of endpoints) {
    for (const input of fc.sample(arbitraryInvalidInput(endpoint.input), { numRuns: 50, seed: 2 })) {
      if (input !== undefined) expect(JSON.parse(JSON.stringify(input))).toEqual(input);
    }
  }
});

it("finds NUL, which the database cannot hold, accepted only in what is hashed or decoded", () => {
  const accepted = new Set<string>();
  for (const { endpoint } of endpoints) {
    for (const input of fc.sample(arbitraryInput(endpoint.input), { numRuns: 30, seed: 3 })) {
      for (const [name, changed] of withNul(input)) if (accepts(endpoint.input, changed)) accepted.add(name);
    }
  }
  expect([...accepted].toSorted()).toEqual([
    "answer",
    "attempt",
    "challenge",
    "code",
    "current_password",
    "cursor",
    "device_token",
    "new_password",
    "password",
    "refresh_token",
    "request",
    "token",
  ]);
});

/** A value with NUL at the end of one of its texts, for each of them, by the name of the field. */
function withNul(value: unknown, name = ""): [string, unknown][] {
  if (typeof value === "string") return [[name, `${value}\0`]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    withNul(inner, Array.isArray(value) ? name : key).map(([at, changed]): [string, unknown] => [
      at,
      Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed },
    ]),
  );
}

function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodPrefault) return fieldsOf(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodObject ? schema.shape : {};
}

function issuesOf(schema: z.ZodType, input: unknown): readonly z.core.$ZodIssue[] {
  try {
    return schema.safeParse(input).error?.issues ?? [];
  } catch {
    return [];
  }
}

function fieldOf(input: unknown, field: string): unknown {
  return (input as Readonly<Record<string, unknown>> | undefined)?.[field];
}
