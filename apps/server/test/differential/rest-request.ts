import type { Endpoint } from "@obsqra/contract";
import { z } from "zod";

/** The parts of a REST request that carry an input. */
export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

/** What fits into the first line of a request everywhere. */
const pathLengthMax = 4_000;

const plainDecimal = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/**
 * Writes an input as the OpenAPI document says: fields of the path, the query string for GET and DELETE, JSON for POST
 * and PUT. Undefined where REST has no way to say the same: null, objects and other spellings of numbers in a query
 * string, halves of characters in a URL, an empty field of a path, and anything for an endpoint that takes no input.
 */
export function toRestRequest({ input: schema, rest }: Endpoint, input: unknown): RestRequest | undefined {
  const { method, path } = rest;
  const prefix = "/api/v1";
  if (schema instanceof z.ZodUndefined) {
    return input === undefined ? { method, path: prefix + path, body: undefined } : undefined;
  }
  const pathFields = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  const takesBody = method === "POST" || method === "PUT";
  if (takesBody && pathFields.length === 0) {
    return { method, path: prefix + path, body: JSON.stringify(input) };
  }
  if (input !== undefined && !isObject(input)) return undefined;
  const fields = input ?? {};
  const inPath = pathFields.map((name) => [`:${name}`, toPathText(fields[name])] as const);
  if (inPath.some(([, text]) => text === undefined)) return undefined;
  const filled = inPath.reduce((url, [name, text = ""]) => url.replace(name, () => text), prefix + path);
  const others = Object.entries(fields).filter(([name]) => !pathFields.includes(name));
  if (takesBody) return { method, path: filled, body: JSON.stringify(Object.fromEntries(others)) };
  const query = toQuery(others, fieldsOf(schema));
  if (query === undefined || filled.length + query.length > pathLengthMax) return undefined;
  return { method, path: query === "" ? filled : `${filled}?${query}`, body: undefined };
}

function toPathText(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "" || !value.isWellFormed()) return undefined;
  return encodeURIComponent(value);
}

function toQuery(
  fields: readonly (readonly [string, unknown])[],
  schemas: Readonly<Record<string, z.ZodType>>,
): string | undefined {
  const pairs: string[] = [];
  for (const [name, value] of fields) {
    const texts = toQueryTexts(value, schemas[name]);
    if (texts === undefined || !name.isWellFormed()) return undefined;
    pairs.push(...texts.map((text) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`));
  }
  return pairs.join("&");
}

/** The texts of one field: one, or one per item of a list. Undefined where they would be read as something else. */
function toQueryTexts(value: unknown, schema: z.ZodType | undefined): string[] | undefined {
  const kind = schema && unwrap(schema);
  if (kind instanceof z.ZodArray) {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    const texts = value.map((item: unknown) => toQueryText(item, unwrap(kind.element as z.ZodType)));
    return texts.every((text) => text !== undefined) ? texts : undefined;
  }
  const text = toQueryText(value, kind);
  return text === undefined ? undefined : [text];
}

function toQueryText(value: unknown, kind: z.ZodType | undefined): string | undefined {
  if (typeof value === "number") {
    const text = String(value);
    return kind instanceof z.ZodNumber && plainDecimal.test(text) ? text : undefined;
  }
  if (typeof value !== "string" || !value.isWellFormed()) return undefined;
  return kind instanceof z.ZodNumber && plainDecimal.test(value) ? undefined : value;
}

function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  const kind = unwrap(schema);
  return kind instanceof z.ZodObject ? kind.shape : {};
}

function unwrap(schema: z.ZodType): z.ZodType {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  // Zod types the schemas inside of schemas by what all its packages share.
  return isWrapper ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
