import type { JsonSchema } from "@obsqra/contract/schemas";
import { referenceName } from "@obsqra/contract/schemas";

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
export function printDeclaration(name: string, schema: JsonSchema): string {
  const comment = printComment([schema.description]);
  return schema.type === "object" && schema.properties !== undefined
    ? `${comment}export interface ${name} ${printObject(schema)}\n`
    : `${comment}export type ${name} = ${printType(schema)};\n`;
}

/** Prints a doc comment, or nothing when all paragraphs are empty. */
export function printComment(paragraphs: readonly (string | undefined)[]): string {
  const texts = paragraphs.filter((text) => text !== undefined && text !== "");
  if (texts.length === 0) return "";
  const [only = ""] = texts;
  if (texts.length === 1 && !only.includes("\n")) return `/** ${only} */\n`;
  const lines = texts.join("\n\n").split("\n");
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

function printObject({ properties, required = [], additionalProperties }: JsonSchema): string {
  if (properties === undefined) return `{ [key: string]: ${printType(additionalProperties)} }`;
  const fields = Object.entries(properties).map(([name, field]) => {
    const type = printType(field);
    const comment = printComment([isSchema(field) ? describe(field) : undefined]);
    // With `| undefined`, callers that compile with exactOptionalPropertyTypes can pass what they may not have.
    return required.includes(name)
      ? `${comment}${name}: ${type};`
      : `${comment}${name}?: ${type} | undefined;`;
  });
  return `{\n${fields.join("\n")}\n}`;
}

function describe({ description, default: value }: JsonSchema): string | undefined {
  if (value === undefined) return description;
  const text = `@default ${JSON.stringify(value)}`;
  return description === undefined ? text : `${description}\n\n${text}`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}

function isSchema(schema: unknown): schema is JsonSchema {
  return typeof schema === "object" && schema !== null && !Array.isArray(schema);
}
