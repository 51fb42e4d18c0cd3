import type { JsonSchema } from "@obsqra/contract/schemas";
import { resolve } from "@obsqra/contract/schemas";

/** Values as they stand in a URL: text, or several texts under one key. */
export type TextValues = Readonly<Record<string, unknown>>;

/** Turns the texts of a URL into what the contract's schema expects. */
export type TextReader = (values: TextValues) => Record<string, unknown>;

type ReadText = (text: string) => unknown;

/** Digits with an optional sign and fraction: no exponent, no leading zeros, no spaces. */
const numberPattern = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/**
 * Makes a reader from the JSON Schema of an input object. Texts that do not fit their field's type, and keys that are
 * given twice where one value is expected, stay as they are, so that the contract's own validation reports them.
 * Keys that the schema does not know, or that `isInUrl` turns down, are left out, like unknown fields of a body.
 *
 * @throws when a field is of a type that a URL cannot carry, such as an object.
 */
export function createTextReader(
  schema: JsonSchema,
  named: ReadonlyMap<string, JsonSchema>,
  isInUrl: (name: string) => boolean = () => true,
): TextReader {
  const readers = Object.entries(resolve(schema, named).properties ?? {})
    .filter(([name]) => isInUrl(name))
    .map(([name, field]) => [name, createFieldReader(name, asSchema(field), named)] as const);
  return (values) => {
    const read: Record<string, unknown> = {};
    for (const [name, readField] of readers) {
      if (Object.hasOwn(values, name)) read[name] = readField(values[name]);
    }
    return read;
  };
}

function createFieldReader(
  name: string,
  schema: JsonSchema,
  named: ReadonlyMap<string, JsonSchema>,
): (value: unknown) => unknown {
  const field = resolve(schema, named);
  if (field.type !== "array") {
    const readText = createTextValueReader(name, field, named);
    return (value) => (typeof value === "string" ? readText(value) : value);
  }
  const readItem = createTextValueReader(name, asSchema(field.items), named);
  return (value) =>
    (Array.isArray(value) ? value : [value]).map((item: unknown) =>
      typeof item === "string" ? readItem(item) : item,
    );
}

function createTextValueReader(
  name: string,
  schema: JsonSchema,
  named: ReadonlyMap<string, JsonSchema>,
): ReadText {
  const types = listTypes(schema, named);
  if (types.has("object") || types.has("array")) {
    throw new Error(`The input field ${name} cannot be sent in a URL: it is not a single value.`);
  }
  if (types.has("string")) return (text) => text;
  return (text) => {
    if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
    const numeric = types.has("number") || types.has("integer");
    return numeric && numberPattern.test(text) ? Number(text) : text;
  };
}

/** The JSON types that the schema lets through. */
function listTypes(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): Set<string> {
  const { type, const: constant, enum: options, anyOf } = resolve(schema, named);
  if (type !== undefined) return new Set<string>([type].flat());
  if (anyOf !== undefined) {
    return new Set(anyOf.flatMap((option) => [...listTypes(asSchema(option), named)]));
  }
  const values = options ?? (constant === undefined ? [] : [constant]);
  return new Set(values.map((value) => typeof value));
}

/** JSON Schema allows `true` and `false` in place of a schema; they say nothing about the type. */
function asSchema(schema: unknown): JsonSchema {
  return typeof schema === "object" && schema !== null ? (schema as JsonSchema) : {};
}
