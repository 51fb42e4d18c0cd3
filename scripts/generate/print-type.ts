import type { JsonSchema } from "@obsqra/contract/schemas";
import { referenceName } from "@obsqra/contract/schemas";
import { printHoverText } from "./hover-text.ts";

/** Prints a JSON Schema as a TypeScript type. Formatting is left to Biome. */
export function printType(schema: unknown): string {
  if (!isSchema(schema)) return "unknown";
  if (schema.$ref !== undefined) return referenceName(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return union(options.map(printType));
  if (Array.isArray(schema.type)) {
    return union(schema.type.map((type: JsonSchema["type"]) => printType({ ...schema, type })));
  }
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `(${printType(schema.items)})[]`;
    case "object":
      return printObject(schema);
    default:
      return "unknown";
  }
}

/** Prints a named schema as an interface, or as a type where it is not an object with fields. */
export function printDeclaration(
  name: string,
  schema: JsonSchema,
  parts: readonly SharedPart[] = [],
): string {
  const comment = printComment([describe(schema)]);
  if (schema.type !== "object" || schema.properties === undefined) {
    return `${comment}export type ${name} = ${printType(schema)};\n`;
  }
  const fields = printFields(schema);
  const extended: string[] = [];
  for (const part of parts) {
    if (part.name === name || !isPartOf(fields, part)) continue;
    for (const field of part.fields.keys()) fields.delete(field);
    extended.push(part.name);
  }
  const page = takePage(schema, fields);
  if (page !== undefined) extended.push(page);
  const heritage = extended.length === 0 ? "" : ` extends ${extended.join(", ")}`;
  return `${comment}export interface ${name}${heritage} {\n${[...fields.values()].join("\n")}\n}\n`;
}

/** Fields that many schemas have, as one interface that theirs extend. */
export interface SharedPart {
  readonly name: string;
  /** By name, as they are printed. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Makes a part of the fields of a schema. */
export function sharedPart(name: string, schema: JsonSchema, fields: readonly string[]): SharedPart {
  const printed = printFields(schema);
  return { name, fields: new Map(fields.map((field) => [field, printed.get(field) ?? ""])) };
}

export function printPart({ name, fields }: SharedPart, comment: string): string {
  return `${printComment([comment])}export interface ${name} {\n${[...fields.values()].join("\n")}\n}\n`;
}

function isPartOf(fields: ReadonlyMap<string, string>, part: SharedPart): boolean {
  return [...part.fields].every(([field, text]) => fields.get(field) === text);
}

/** Takes what every page of a list has out of its fields. */
function takePage({ properties = {} }: JsonSchema, fields: Map<string, string>): string | undefined {
  const { items, next_cursor } = properties;
  if (!isSchema(items) || items.type !== "array" || next_cursor === undefined) return undefined;
  fields.delete("items");
  fields.delete("next_cursor");
  return `Page<${printType(items.items)}>`;
}

/** Prints a doc comment of the lines that there are, or nothing when there is none. */
export function printComment(lines: readonly (string | undefined)[]): string {
  const texts = lines.filter((text) => text !== undefined && text !== "");
  if (texts.length === 0) return "";
  if (texts.length === 1) return `/** ${texts[0]} */\n`;
  return `/**\n${texts.map((line) => ` * ${line}`).join("\n")}\n */\n`;
}

function printObject({ properties, required, additionalProperties }: JsonSchema): string {
  if (properties === undefined) return `{ [key: string]: ${printType(additionalProperties)} }`;
  return `{\n${[...printFields({ properties, required }).values()].join("\n")}\n}`;
}

/** The fields of an object by name. */
function printFields({
  properties = {},
  required = [],
}: Pick<JsonSchema, "properties" | "required">): Map<string, string> {
  const fields = Object.entries(properties).map(([name, field]) => {
    const type = printType(field);
    const comment = printComment([isSchema(field) ? describe(field) : undefined]);
    // With `| undefined`, callers that compile with exactOptionalPropertyTypes can pass what they may not have.
    const printed = required.includes(name)
      ? `${comment}${name}: ${type};`
      : `${comment}${name}?: ${type} | undefined;`;
    return [name, printed] as const;
  });
  return new Map(fields);
}

/** A schema's text and its default in one line, since most defaults need no line of their own to be seen. */
function describe({ description, default: value }: JsonSchema): string | undefined {
  const text = description === undefined ? undefined : printHoverText(description);
  if (value === undefined) return text;
  const preset = `Default: ${JSON.stringify(value)}`;
  return text === undefined ? preset : `${text}${text.endsWith("…") ? "" : "."} ${preset}`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}

function isSchema(schema: unknown): schema is JsonSchema {
  return typeof schema === "object" && schema !== null && !Array.isArray(schema);
}
