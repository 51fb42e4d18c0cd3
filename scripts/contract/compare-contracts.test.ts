import type { JsonSchema } from "@obsqra/contract/schemas";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { compareContracts } from "./compare-contracts.ts";
import { type ContractDescription, type DescribedEndpoint, describeContract } from "./describe-contract.ts";

const endpoint: DescribedEndpoint = {
  kind: "query",
  access: "analytics:read",
  rest: { method: "GET", path: "/things", status: 200 },
  input: null,
  output: null,
  errors: [],
};

function contractOf(
  change: Partial<DescribedEndpoint>,
  schemas: ContractDescription["schemas"] = {},
): ContractDescription {
  return { endpoints: { "things.list": { ...endpoint, ...change } }, errors: {}, schemas };
}

function changesOf(before: Partial<DescribedEndpoint>, after: Partial<DescribedEndpoint>) {
  return compareContracts(contractOf(before), contractOf(after)).map(
    ({ id, isBreaking }) => `${isBreaking ? "breaking" : "compatible"} ${id}`,
  );
}

function object(properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema {
  return { type: "object", properties, required };
}

const text: JsonSchema = { type: "string" };
const number: JsonSchema = { type: "number" };
const nothing: JsonSchema = { type: "null" };

/** What a change of a schema means where callers send it, and where they read it. */
const schemaRules: {
  name: string;
  before: JsonSchema;
  after: JsonSchema;
  input: "breaking" | "compatible";
  output: "breaking" | "compatible";
  id: string;
}[] = [
  {
    name: "a new required field",
    before: object({ a: text }),
    after: object({ a: text, b: text }),
    input: "breaking",
    output: "compatible",
    id: ".b: added, required",
  },
  {
    name: "a new field that may be left out",
    before: object({ a: text }),
    after: object({ a: text, b: text }, ["a"]),
    input: "compatible",
    output: "compatible",
    id: ".b: added",
  },
  {
    name: "a removed field",
    before: object({ a: text, b: text }, ["a"]),
    after: object({ a: text }),
    input: "breaking",
    output: "breaking",
    id: ".b: removed",
  },
  {
    name: "a field that is required from now on",
    before: object({ a: text }, []),
    after: object({ a: text }),
    input: "breaking",
    output: "compatible",
    id: ".a: now required",
  },
  {
    name: "a field that may be left out from now on",
    before: object({ a: text }),
    after: object({ a: text }, []),
    input: "compatible",
    output: "breaking",
    id: ".a: no longer required",
  },
  {
    name: "another type",
    before: text,
    after: number,
    input: "breaking",
    output: "breaking",
    id: ": type string -> number",
  },
  {
    name: "whole numbers only",
    before: number,
    after: { type: "integer" },
    input: "breaking",
    output: "compatible",
    id: ": type number -> integer",
  },
  {
    name: "any number",
    before: { type: "integer" },
    after: number,
    input: "compatible",
    output: "breaking",
    id: ": type integer -> number",
  },
  {
    name: "a new value of an enumeration",
    before: { type: "string", enum: ["a"] },
    after: { type: "string", enum: ["a", "b"] },
    input: "compatible",
    output: "breaking",
    id: ': also "b"',
  },
  {
    name: "a value less in an enumeration",
    before: { type: "string", enum: ["a", "b"] },
    after: { type: "string", const: "a" },
    input: "breaking",
    output: "compatible",
    id: ': no longer "b"',
  },
  {
    name: "an enumeration where any text was",
    before: text,
    after: { type: "string", enum: ["a"] },
    input: "breaking",
    output: "compatible",
    id: ": now only certain values",
  },
  {
    name: "any text where an enumeration was",
    before: { type: "string", enum: ["a"] },
    after: text,
    input: "compatible",
    output: "breaking",
    id: ": no longer only certain values",
  },
  {
    name: "null, too",
    before: text,
    after: { anyOf: [text, nothing] },
    input: "compatible",
    output: "breaking",
    id: ": also takes null",
  },
  {
    name: "null no longer",
    before: { anyOf: [text, nothing] },
    after: text,
    input: "breaking",
    output: "compatible",
    id: ": no longer takes null",
  },
  ...(["minimum", "exclusiveMinimum", "minLength", "minItems"] as const).flatMap((limit) => [
    {
      name: `a higher ${limit}`,
      before: { [limit]: 1 },
      after: { [limit]: 2 },
      input: "breaking" as const,
      output: "compatible" as const,
      id: `: ${limit} 1 -> 2`,
    },
    {
      name: `no ${limit} any more`,
      before: { [limit]: 1 },
      after: {},
      input: "compatible" as const,
      output: "breaking" as const,
      id: `: ${limit} 1 -> none`,
    },
  ]),
  ...(["maximum", "exclusiveMaximum", "maxLength", "maxItems"] as const).flatMap((limit) => [
    {
      name: `a higher ${limit}`,
      before: { [limit]: 1 },
      after: { [limit]: 2 },
      input: "compatible" as const,
      output: "breaking" as const,
      id: `: ${limit} 1 -> 2`,
    },
    {
      name: `a ${limit} where none was`,
      before: {},
      after: { [limit]: 1 },
      input: "breaking" as const,
      output: "compatible" as const,
      id: `: ${limit} none -> 1`,
    },
  ]),
  {
    name: "a pattern where none was",
    before: text,
    after: { type: "string", pattern: "^a" },
    input: "breaking",
    output: "compatible",
    id: ": pattern added",
  },
  {
    name: "no pattern any more",
    before: { type: "string", pattern: "^a" },
    after: text,
    input: "compatible",
    output: "breaking",
    id: ": pattern removed",
  },
  {
    name: "another pattern",
    before: { type: "string", pattern: "^a" },
    after: { type: "string", pattern: "^b" },
    input: "breaking",
    output: "breaking",
    id: ": pattern changed",
  },
  {
    name: "a keyword that is not known",
    before: { type: "array", uniqueItems: true },
    after: { type: "array" },
    input: "compatible",
    output: "breaking",
    id: ": uniqueItems removed",
  },
  {
    name: "another default",
    before: { ...number, default: 1 },
    after: { ...number, default: 2 },
    input: "breaking",
    output: "compatible",
    id: ": default 1 -> 2",
  },
  {
    name: "other items",
    before: { type: "array", items: text },
    after: { type: "array", items: object({ a: text }) },
    input: "breaking",
    output: "breaking",
    id: "[]: type string -> object",
  },
  {
    name: "other values of a record",
    before: { type: "object", additionalProperties: number },
    after: { type: "object", additionalProperties: { type: "number", maximum: 1 } },
    input: "breaking",
    output: "compatible",
    id: "{}: maximum none -> 1",
  },
  {
    name: "other names in a record",
    before: { type: "object", propertyNames: text },
    after: { type: "object", propertyNames: { type: "string", maxLength: 1 } },
    input: "breaking",
    output: "compatible",
    id: "{name}: maxLength none -> 1",
  },
  {
    name: "no other fields than the known ones",
    before: { type: "object" },
    after: { type: "object", additionalProperties: false },
    input: "breaking",
    output: "compatible",
    id: "{}: takes less",
  },
];

describe("a schema with", () => {
  it.each(schemaRules)(
    "$name is $input to send and $output to read",
    ({ before, after, input, output, id }) => {
      expect(changesOf({ input: before }, { input: after })).toEqual([`${input} things.list input${id}`]);
      expect(changesOf({ output: before }, { output: after })).toEqual([`${output} things.list output${id}`]);
    },
  );

  it("a change behind a name is found, once for each place, and a recursive one ends", () => {
    const list = (limit: JsonSchema): ContractDescription["schemas"] => ({
      Tree: object({
        value: { $ref: "#/$defs/Value" },
        children: { type: "array", items: { $ref: "#/$defs/Tree" } },
      }),
      Value: { type: "string", ...limit },
    });
    const output = { $ref: "#/$defs/Tree" };
    expect(
      compareContracts(contractOf({ output }, list({})), contractOf({ output }, list({ maxLength: 1 }))),
    ).toEqual([{ id: "things.list output.value: maxLength none -> 1", isBreaking: false }]);
  });

  it("the same under another name, or under none, has not changed", () => {
    const before = contractOf({ input: { $ref: "#/$defs/A" } }, { A: object({ a: text }) });
    const after = contractOf({ input: object({ a: text }) });
    expect(compareContracts(before, after)).toEqual([]);
    expect(compareContracts(after, before)).toEqual([]);
  });
});

describe("an endpoint", () => {
  it.each<[string, Partial<DescribedEndpoint>, Partial<DescribedEndpoint>, string]>([
    ["another kind", {}, { kind: "mutation" }, "breaking things.list kind: query -> mutation"],
    [
      "another method",
      {},
      { rest: { ...endpoint.rest, method: "POST" } },
      "breaking things.list rest.method: GET -> POST",
    ],
    [
      "another path",
      {},
      { rest: { ...endpoint.rest, path: "/t" } },
      "breaking things.list rest.path: /things -> /t",
    ],
    [
      "another status",
      {},
      { rest: { ...endpoint.rest, status: 201 } },
      "breaking things.list rest.status: 200 -> 201",
    ],
    [
      "an access for sessions",
      {},
      { access: "session" },
      "breaking things.list access: analytics:read -> session",
    ],
    [
      "another scope",
      {},
      { access: "users:read" },
      "breaking things.list access: analytics:read -> users:read",
    ],
    ["no access needed", {}, { access: "public" }, "compatible things.list access: analytics:read -> public"],
    [
      "an access for a scope",
      { access: "recent_session" },
      {},
      "compatible things.list access: recent_session -> analytics:read",
    ],
    ["an input", {}, { input: object({ a: text }) }, "breaking things.list input: added"],
    [
      "an input that may be left out",
      {},
      { input: { type: "object", default: {} } },
      "compatible things.list input: added",
    ],
    ["no input", { input: object({}) }, {}, "breaking things.list input: removed"],
    ["an output", {}, { output: object({}) }, "compatible things.list output: added"],
    ["no output", { output: object({}) }, {}, "breaking things.list output: removed"],
    ["another error", {}, { errors: ["NEW"] }, "compatible things.list errors: also NEW"],
    ["an error less", { errors: ["OLD"] }, {}, "compatible things.list errors: no longer OLD"],
  ])("with %s", (_name, before, after, change) => {
    expect(changesOf(before, after)).toEqual([change]);
  });

  it("that is new breaks nobody, one that is gone breaks those who call it", () => {
    const empty: ContractDescription = { endpoints: {}, errors: {}, schemas: {} };
    expect(compareContracts(empty, contractOf({}))).toEqual([
      { id: "things.list: added", isBreaking: false },
    ]);
    expect(compareContracts(contractOf({}), empty)).toEqual([
      { id: "things.list: removed", isBreaking: true },
    ]);
  });
});

it("breaks who decides on a code that is gone, has another status, or tells less", () => {
  const errors = (described: ContractDescription["errors"]): ContractDescription => ({
    endpoints: {},
    errors: described,
    schemas: {},
  });
  const before = errors({
    GONE: { status: 400, details: null },
    OLD: { status: 400, details: object({ a: text }) },
  });
  const after = errors({ NEW: { status: 400, details: null }, OLD: { status: 409, details: object({}) } });
  expect(compareContracts(before, after)).toEqual([
    { id: "GONE: removed", isBreaking: true },
    { id: "NEW: added", isBreaking: false },
    { id: "OLD status: 400 -> 409", isBreaking: true },
    { id: "OLD details.a: removed", isBreaking: true },
  ]);
});

const released = describeContract();
const path = fc.constantFrom(...Object.keys(released.endpoints));
const newField = fc.record({
  name: fc.stringMatching(/^new_[a-z]{1,8}$/),
  schema: fc.constantFrom(text, number, nothing),
});

/** The contract with another field in what an endpoint takes or gives, or undefined where that is not an object. */
function withField(
  endpointPath: string,
  side: "input" | "output",
  { name, schema }: { name: string; schema: JsonSchema },
  isRequired: boolean,
): ContractDescription | undefined {
  const described = released.endpoints[endpointPath];
  const whole = described?.[side];
  if (described === undefined || whole == null) return undefined;
  const { $ref, ...rest } = whole;
  const target = { ...($ref === undefined ? {} : released.schemas[$ref.replace("#/$defs/", "")]), ...rest };
  if (target.type !== "object" || target.properties === undefined) return undefined;
  const extended = {
    ...target,
    properties: { ...target.properties, [name]: schema },
    required: isRequired ? [...(target.required ?? []), name] : target.required,
  };
  return {
    ...released,
    endpoints: { ...released.endpoints, [endpointPath]: { ...described, [side]: extended } },
  };
}

it("never takes a new optional field of an input, or a new field of an output, for a break", () => {
  fc.assert(
    fc.property(
      path,
      newField,
      fc.boolean(),
      fc.constantFrom("input", "output"),
      (name, field, isRequired, side) => {
        const extended = withField(name, side, field, side === "output" && isRequired);
        if (extended === undefined) return;
        const changes = compareContracts(released, extended);
        expect(changes).toEqual([
          { id: expect.stringContaining(`.${field.name}: added`), isBreaking: false },
        ]);
        // The other way round, somebody misses it.
        expect(compareContracts(extended, released)).toMatchObject([{ isBreaking: true }]);
      },
    ),
    { numRuns: inject("isLong") ? 300 : 60 },
  );
});

it("finds no change between a contract and itself, and removing any endpoint or code breaking", () => {
  expect(compareContracts(released, structuredClone(released))).toEqual([]);
  for (const name of Object.keys(released.endpoints)) {
    const { [name]: _, ...endpoints } = released.endpoints;
    expect(compareContracts(released, { ...released, endpoints })).toEqual([
      { id: `${name}: removed`, isBreaking: true },
    ]);
  }
});
