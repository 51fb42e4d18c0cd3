import { errorCatalogue, problemName, problemType } from "@obsqra/contract";
import {
  type JsonSchema,
  jsonValueName,
  mapReferences,
  readSchema,
  referenceName,
  resolve,
} from "@obsqra/contract/schemas";
import { describeErrors } from "./error-descriptions.ts";

/** A part of the document. */
export type DocumentPart = { readonly [key: string]: unknown };

/**
 * A schema as the document shows it: references point at the components, and what a format says is not said twice. Any JSON
 * value is the empty schema, which says the same as the recursive one; openapi-typescript makes an error of that (TS2502).
 */
export function toDocumentSchema(schema: JsonSchema): DocumentPart {
  return simplify(mapReferences(schema, schemaReference)) as DocumentPart;
}

/**
 * A copy of the schema with the named schemas in place that have defaults. openapi-typescript takes a field with a default
 * for one that is always there, as it is in a response, unless the schema stands in the request body itself.
 */
export function inlineDefaults(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): JsonSchema {
  return inlineNode(schema, named, []) as JsonSchema;
}

/** Where a named schema is found in the document. */
export function schemaReference(name: string): string {
  return `#/components/schemas/${name}`;
}

/** One schema per error code, with an example. Adds the schemas that the details name to `named`. */
export function buildProblemSchemas(named: Map<string, JsonSchema>): Record<string, DocumentPart> {
  const entries = describeErrors().map(({ code, title, status, message, example }) => {
    const detailsSchema = readSchema(errorCatalogue[code].details, "output", named);
    const schema = {
      type: "object",
      description: message,
      properties: {
        type: { type: "string", format: "uri-reference", const: problemType(code) },
        title: { type: "string", const: title },
        status: { type: "integer", const: status },
        detail: { type: "string", description: "What happened and what to do about it; for people" },
        code: { type: "string", const: code },
        request_id: { type: "string", description: "Quote it in a report" },
        ...(detailsSchema === undefined ? {} : { details: toDocumentSchema(detailsSchema) }),
      },
      required: Object.keys(example),
      examples: [example],
    };
    return [problemName(code), schema] as const;
  });
  return Object.fromEntries(entries);
}

/** The components of one kind that the rest of the document uses, directly or through each other, by name. */
export function keepUsed(
  kind: "headers" | "parameters" | "schemas",
  root: unknown,
  components: ReadonlyMap<string, DocumentPart>,
): Record<string, unknown> {
  const used = new Set<string>();
  const queue = listReferences(kind, root);
  for (const name of queue) {
    if (used.has(name)) continue;
    used.add(name);
    queue.push(...listReferences(kind, components.get(name)));
  }
  return Object.fromEntries([...used].sort().map((name) => [name, components.get(name)]));
}

function listReferences(kind: string, part: unknown): string[] {
  const text = JSON.stringify(part) ?? "";
  return [...text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)]
    .filter(([, referenced]) => referenced === kind)
    .map(([, , name = ""]) => name);
}

const formatsThatSayIt = new Set(["date-time", "uuid", "email"]);

function simplify(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(simplify);
  if (typeof node !== "object" || node === null) return node;
  if ("$ref" in node && node.$ref === schemaReference(jsonValueName)) {
    const { $ref: _, ...siblings } = node;
    return siblings;
  }
  const isFormatted = "format" in node && formatsThatSayIt.has(String(node.format));
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(isFormatted && key === "pattern") && !isSafeIntegerBound(key, value))
      .map(([key, value]) => [key, simplify(value)]),
  );
}

/** That numbers are exact is true for every JSON integer that JavaScript reads. */
function isSafeIntegerBound(key: string, value: unknown): boolean {
  return (
    (key === "maximum" && value === Number.MAX_SAFE_INTEGER) ||
    (key === "minimum" && value === Number.MIN_SAFE_INTEGER)
  );
}

/** @param within the names of the schemas that the node is in: a recursive one cannot be put in its own place */
function inlineNode(
  node: unknown,
  named: ReadonlyMap<string, JsonSchema>,
  within: readonly string[],
): unknown {
  if (Array.isArray(node)) return node.map((item) => inlineNode(item, named, within));
  if (typeof node !== "object" || node === null) return node;
  const copy: JsonSchema = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, inlineNode(value, named, within)]),
  );
  if (copy.$ref === undefined) return copy;
  const name = referenceName(copy.$ref);
  if (within.includes(name)) return copy;
  const { id: _, ...target } = inlineNode(resolve(copy, named), named, [...within, name]) as JsonSchema;
  return JSON.stringify(target).includes('"default":') ? target : copy;
}
