import { type Endpoint, listEndpoints } from "@obsqra/contract";
import { arbitraryInput } from "@obsqra/contract/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import ZSchema from "z-schema";
import { buildOpenApiDocument } from "./build-openapi-document.ts";

interface MediaType {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Content {
  readonly content?: Readonly<Record<string, MediaType>>;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
  readonly parameters?: readonly { readonly schema?: object; readonly example?: unknown }[];
}

// As what a stranger reads: JSON, of which these parts are looked at.
const document = buildOpenApiDocument() as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: unknown[] }>> };
};
const operations = Object.values({ ...document.paths, ...document.webhooks }).flatMap((methods) =>
  Object.values(methods),
);

/** A schema that refers to nothing outside of itself, as a validator takes it. */
function standAlone(schema: object): object {
  const $defs: Record<string, unknown> = {};
  const add = (part: unknown) => {
    for (const [, name = ""] of (JSON.stringify(part) ?? "").matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (name in $defs) continue;
      $defs[name] = document.components.schemas[name];
      add($defs[name]);
    }
  };
  add(schema);
  const text = JSON.stringify({ ...schema, $defs });
  return JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")) as object;
}

/** Whether a value fits a schema. */
type Validate = (value: unknown) => boolean;

// Whoever compiles patterns without the flag `u` reads `\p{…}` as letters and braces.
const ajv = new Ajv2020({ strict: false, unicodeRegExp: false });
addFormats.default(ajv);
// Formats are annotations (JSON Schema 2020-12, 7.2.1); its idea of an email address is narrower than RFC 5321.
const zSchema = ZSchema.create({ version: "draft2020-12", safe: true, formatAssertions: false });

/** Two validators that read JSON Schema independently of each other, and of zod. */
const validators: [tool: string, compile: (schema: object) => Validate][] = [
  ["ajv, without Unicode patterns", (schema) => ajv.compile(standAlone(schema))],
  [
    "z-schema",
    (schema) => {
      const whole = standAlone(schema);
      return (value) => zSchema.validate(value, whole).valid;
    },
  ],
];

/** Every example of the document, with the schema beside it. */
function listExamples(): { where: string; schema: object; value: unknown }[] {
  const ofContent = (where: string, { content = {} }: Content) =>
    Object.values(content).flatMap(({ schema, example, examples = {} }) =>
      [example, ...Object.values(examples).map(({ value }) => value)]
        .filter((value) => value !== undefined)
        .map((value) => ({ where, schema, value })),
    );
  return [
    ...operations.flatMap(({ operationId, requestBody = {}, responses, parameters = [] }) => [
      ...ofContent(`${operationId} request`, requestBody),
      ...Object.entries(responses).flatMap(([status, content]) =>
        ofContent(`${operationId} ${status}`, content),
      ),
      ...parameters.flatMap(({ schema, example }) =>
        schema === undefined || example === undefined
          ? []
          : [{ where: `${operationId} parameter`, schema, value: example }],
      ),
    ]),
    ...Object.entries(document.components.schemas).flatMap(([where, schema]) =>
      (schema.examples ?? []).map((value) => ({ where, schema, value })),
    ),
  ];
}

function bodySchema(endpoint: Endpoint): object | undefined {
  const method = endpoint.rest.method.toLowerCase();
  const path = `/api/v1${endpoint.rest.path.replace(/:(\w+)/g, "{$1}")}`;
  return document.paths[path]?.[method]?.requestBody?.content?.["application/json"]?.schema;
}

describe.each(validators)("%s", (_tool, compile) => {
  it("takes every example of the document", () => {
    const examples = listExamples();
    expect(examples.length).toBeGreaterThan(100);
    const refused = examples.filter(({ schema, value }) => !compile(schema)(value));
    expect(refused.map(({ where, value }) => [where, value])).toEqual([]);
  });

  it("takes every body that the service takes", () => {
    for (const { path, endpoint } of listEndpoints()) {
      const schema = bodySchema(endpoint);
      if (schema === undefined || endpoint.rest.path.includes(":")) continue;
      const isValid = compile(schema);
      for (const input of fc.sample(arbitraryInput(endpoint.input), { numRuns: 40, seed: 1 })) {
        if (input === undefined) continue;
        const body: unknown = JSON.parse(JSON.stringify(input));
        expect([path, body, isValid(body)]).toEqual([path, body, true]);
      }
    }
  });

  it.each([
    ["auth.register", { full_name: "Zacharias Céline Ölçer-Ünal" }, true],
    ["auth.register", { full_name: "李小龍 أحمد Ζωή 😀" }, true],
    ["auth.register", { full_name: "a\tb" }, false],
    ["auth.register", { full_name: "a\u0085b" }, false],
    ["auth.register", { full_name: "😀".repeat(200) }, true],
    ["auth.register", { full_name: "x".repeat(201) }, false],
    ["auth.register", { password: "short" }, false],
    ["auth.register", { password: "😀".repeat(7) }, false],
    ["auth.register", { password: "😀".repeat(8) }, true],
    ["transactions.create", { amount: "1250.5" }, true],
    ["transactions.create", { amount: "١٢" }, false],
    ["transactions.create", { tx_hash: "23069" }, true],
    ["transactions.create", { tx_hash: "0x" }, false],
  ])("reads the patterns and lengths of %s as the service does: %j", (path, fields, isTaken) => {
    const endpoint = listEndpoints().find((each) => each.path === path)?.endpoint;
    const [example] = (endpoint?.input.meta()?.examples ?? []) as object[];
    const input = { ...example, ...fields };
    expect(endpoint?.input.safeParse(input).success).toBe(isTaken);
    expect(endpoint && compile(bodySchema(endpoint) ?? {})(input)).toBe(isTaken);
  });
});

it("publishes patterns that every dialect reads alike", () => {
  const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
    ([, quoted = ""]) => JSON.parse(quoted) as string,
  );
  expect(patterns.length).toBeGreaterThan(10);
  // Classes such as \d and \w differ in what they take, \p and \u in whether they are known, and so do groups with (?.
  const portable = /^(?:\\x[0-9a-f]{2}|\\[.[\]{}()*+?^$|\\/-]|[^\\](?!\?[=!<:]))*$/;
  for (const pattern of new Set(patterns)) {
    expect(pattern).toMatch(portable);
    expect(() => [new RegExp(pattern), new RegExp(pattern, "u")]).not.toThrow();
  }
});
