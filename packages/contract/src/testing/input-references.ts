import { z } from "zod";
import type { NamedEndpoint } from "../contract.ts";
import { type ObjectKind, objectReferences } from "../endpoints/object-reference.ts";

/** A field of an endpoint's input that names an object of a user. */
export interface InputReference {
  readonly kind: ObjectKind;
  /** Where the field is in the input. */
  readonly field: string;
}

/** The fields of an endpoint's input that are registered as naming an object of a user. */
export function findReferences({ endpoint }: NamedEndpoint): InputReference[] {
  return listFields(endpoint.input).flatMap(({ field, schemas }) => {
    const found = schemas.map((schema) => objectReferences.get(schema)).find((entry) => entry !== undefined);
    return found === undefined ? [] : [{ kind: found.kind, field }];
  });
}

/**
 * The fields of an endpoint's input that look as if they named an object, and are not registered: identifiers by their
 * form, or by their name, or because they are a part of the path.
 */
export function findUnregisteredReferences(named: NamedEndpoint): string[] {
  const registered = new Set(findReferences(named).map(({ field }) => field));
  const inPath = new Set(named.endpoint.rest.path.match(/(?<=:)\w+/g));
  return listFields(named.endpoint.input)
    .filter(({ field }) => !registered.has(field))
    .filter(({ field, schemas }) => {
      const name = field.split(".").at(-1) ?? "";
      return /^id$|_ids?$|^tx_hash$/.test(name) || inPath.has(name) || schemas.some(isUuid);
    })
    .map(({ field }) => `${named.path}: ${field}`);
}

/** The input with another value where a reference is. */
export function replaceReference(input: unknown, field: string, value: string): unknown {
  const [name = "", ...rest] = field.split(".");
  const object = (input ?? {}) as Readonly<Record<string, unknown>>;
  const inner = rest.length === 0 ? value : replaceReference(object[name], rest.join("."), value);
  return { ...object, [name]: inner };
}

interface Field {
  readonly field: string;
  /** Its schema, and those inside of it, such as that of what is optional. */
  readonly schemas: readonly z.ZodType[];
}

function listFields(schema: z.ZodType, prefix = ""): Field[] {
  return unwrap(schema).flatMap((layer) =>
    layer instanceof z.ZodObject
      ? Object.entries<z.ZodType>(layer.shape).flatMap(([name, inner]) => {
          const field = `${prefix}${name}`;
          return [{ field, schemas: unwrap(inner) }, ...listFields(inner, `${field}.`)];
        })
      : [],
  );
}

/** A schema and everything that it wraps: optional, default, pipe, array, record, union. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  const { innerType, in: piped, element, valueType, options } = schema.def as WrappingDefinition;
  const inner = [innerType, piped, element, valueType, ...(options ?? [])];
  return [schema, ...inner.flatMap((each) => (each === undefined ? [] : unwrap(each)))];
}

interface WrappingDefinition {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

function isUuid(schema: z.ZodType): boolean {
  return schema instanceof z.ZodString || schema instanceof z.ZodStringFormat
    ? schema.format === "uuid" || schema.format === "guid"
    : false;
}
