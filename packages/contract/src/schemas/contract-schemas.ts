import { z } from "zod";
import { listEndpoints } from "../contract.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";

/** A JSON Schema of the 2020-12 dialect, as zod prints it and OpenAPI 3.1 takes it. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The schemas of one endpoint. Undefined where the endpoint takes or gives nothing. */
interface EndpointSchemas {
  readonly input: JsonSchema | undefined;
  readonly output: JsonSchema | undefined;
}

/** Everything in the contract that has a name, and each endpoint's schemas with `#/$defs/Name` pointing at it. */
export interface ContractSchemas {
  readonly named: ReadonlyMap<string, JsonSchema>;
  readonly endpoints: ReadonlyMap<Endpoint, EndpointSchemas>;
}

/** The name that free-form JSON values get. */
export const jsonValueName = "JsonValue";

/** What was read: the contract stays the same, and reading it takes longer than anything else at the start of a server. */
let known: ContractSchemas | undefined;

/**
 * Reads the JSON Schemas of the whole contract, once in a process.
 *
 * @throws when one name stands for two different schemas, or a recursive schema has no name.
 */
export function readContractSchemas(): ContractSchemas {
  known ??= readAll();
  return known;
}

function readAll(): ContractSchemas {
  const named = new Map<string, JsonSchema>();
  const endpoints = new Map<Endpoint, EndpointSchemas>();
  for (const { endpoint } of listEndpoints()) {
    endpoints.set(endpoint, {
      input: readSchema(endpoint.input, "input", named),
      output: readSchema(endpoint.output, "output", named),
    });
  }
  return { named, endpoints };
}

/** Reads one schema and adds what it names to `named`. Undefined for `z.undefined()`. */
export function readSchema(
  schema: z.ZodType,
  io: "input" | "output",
  named: Map<string, JsonSchema>,
): JsonSchema | undefined {
  if (schema.def.type === "undefined") return undefined;
  const { $defs = {}, $schema: _, ...root } = nameJsonValues(z.toJSONSchema(schema, { io }), named);
  const anonymous = Object.keys($defs).filter((name) => name.startsWith("__schema"));
  for (const name of anonymous) requireJsonValue(name, $defs[name]);
  const renamed = (name: string) => (anonymous.includes(name) ? jsonValueName : name);
  for (const [name, definition] of Object.entries($defs)) {
    addNamed(named, renamed(name), renameReferences(definition, renamed));
  }
  return renameReferences(root, renamed);
}

/** The schema with every reference followed, for looking at its type. */
export function resolve(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...siblings } = schema;
  const target = named.get(referenceName($ref));
  if (target === undefined) throw new Error(`The contract has no schema ${$ref}.`);
  return { ...resolve(target, named), ...siblings };
}

/**
 * An input as the contract takes it, from clients that send null for what they leave out, as those of GraphQL and language models do: such a
 * null is left out, unless null is among the values of the field. What is no object is given back as it is.
 */
export function withoutLeftOut(schema: JsonSchema, given: unknown): unknown {
  const { named } = readContractSchemas();
  const { items, properties, required = [] } = withoutNull(schema, named);
  if (Array.isArray(given)) {
    return typeof items === "object" && !Array.isArray(items)
      ? given.map((each) => withoutLeftOut(items, each))
      : given;
  }
  if (typeof given !== "object" || given === null || properties === undefined) return given;
  const kept = Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const field = properties[name];
    if (typeof field !== "object") return [[name, value]];
    const isLeftOut = value === null && !required.includes(name) && !takesNull(field, named);
    return isLeftOut ? [] : [[name, withoutLeftOut(field, value)]];
  });
  return Object.fromEntries(kept);
}

/** What a value is besides null. */
function withoutNull(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const target = resolve(schema, named);
  const [kind, ...others] = (target.anyOf ?? []).filter(
    (each) => typeof each === "object" && each.type !== "null",
  );
  return typeof kind === "object" && others.length === 0 ? resolve(kind, named) : target;
}

/** Whether null is a value of its own, as it is where anything is. */
function takesNull(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): boolean {
  const { type, enum: values, const: only, anyOf, oneOf } = resolve(schema, named);
  const kinds = anyOf ?? oneOf;
  if (kinds !== undefined) return kinds.some((kind) => typeof kind !== "object" || takesNull(kind, named));
  if (values !== undefined) return values.includes(null);
  return type === undefined ? only === undefined || only === null : [type].flat().includes("null");
}

/** `Name` of `#/$defs/Name`. */
export function referenceName($ref: string): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}

/** A copy of the schema in which every reference points where `target` says. */
export function mapReferences(schema: JsonSchema, target: (name: string) => string): JsonSchema {
  return mapNode(schema, target) as JsonSchema;
}

function renameReferences(schema: JsonSchema, renamed: (name: string) => string): JsonSchema {
  return mapReferences(schema, (name) => `#/$defs/${renamed(name)}`);
}

function mapNode(node: unknown, target: (name: string) => string): unknown {
  if (Array.isArray(node)) return node.map((item) => mapNode(item, target));
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string" ? target(referenceName(value)) : mapNode(value, target),
    ]),
  );
}

function addNamed(named: Map<string, JsonSchema>, name: string, schema: JsonSchema): void {
  const known = named.get(name);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
    throw new Error(
      `Two different schemas of the contract are called ${name}. If one is an input and one an output, give them two names.`,
    );
  }
  named.set(name, schema);
}

/** Gives the values of an object that may have any the name of free-form JSON. */
function nameJsonValues(schema: JsonSchema, named: Map<string, JsonSchema>): JsonSchema {
  let isUsed = false;
  const text = JSON.stringify(schema, (key, value: unknown) => {
    const isAny = key === "additionalProperties" && JSON.stringify(value) === "{}";
    isUsed ||= isAny;
    return isAny ? { $ref: `#/$defs/${jsonValueName}` } : value;
  });
  if (isUsed) readSchema(z.object({ any: z.json() }), "output", named);
  // What `JSON.stringify` wrote of a schema is one.
  return JSON.parse(text) as JsonSchema;
}

/** The only recursive schema without a name that is expected is `z.json()`. */
function requireJsonValue(name: string, schema: JsonSchema | undefined): void {
  const { $defs = {}, $schema: _, ...root } = z.toJSONSchema(z.json());
  const json = root.$ref === undefined ? root : $defs[referenceName(root.$ref)];
  const shape = (value: unknown) =>
    JSON.stringify(value, (key, inner: unknown) => (key === "$ref" ? "" : inner));
  if (shape(schema) !== shape(json)) {
    throw new Error(`The recursive schema ${name} has no name. Give it one with .meta({ id }).`);
  }
}
