import { createHash } from "node:crypto";
import type { Access, EndpointKind, ErrorCode } from "@obsqra/contract";
import { errorCatalogue, listEndpoints, problemStatus } from "@obsqra/contract";
import type { JsonSchema } from "@obsqra/contract/schemas";
import { readContractSchemas, readSchema } from "@obsqra/contract/schemas";

/** What callers of an endpoint rely on. */
export interface DescribedEndpoint {
  readonly kind: EndpointKind;
  readonly access: Access;
  readonly rest: { readonly method: string; readonly path: string; readonly status: number };
  /** Null where the endpoint takes nothing. */
  readonly input: JsonSchema | null;
  /** Null where the endpoint gives nothing. */
  readonly output: JsonSchema | null;
  /** Besides those that every endpoint shares. */
  readonly errors: readonly string[];
}

/** What callers decide on when an error comes. */
interface DescribedError {
  readonly status: number;
  /** Null where the error has no details. */
  readonly details: JsonSchema | null;
}

/** The contract without texts, weights and what else may change without a caller noticing. */
export interface ContractDescription {
  /** By name, as in `auth.login`. */
  readonly endpoints: Readonly<Record<string, DescribedEndpoint>>;
  /** By code. */
  readonly errors: Readonly<Record<string, DescribedError>>;
  /** What `#/$defs/Name` stands for. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

/** Describes the contract. The same contract always gives the same description, in the same order. */
export function describeContract(): ContractDescription {
  const schemas = readContractSchemas();
  const named = new Map(schemas.named);
  const endpoints = listEndpoints().map(({ path, endpoint }) => {
    const { input, output } = schemas.endpoints.get(endpoint) ?? {};
    const { kind, access, rest, errors } = endpoint;
    const described: DescribedEndpoint = {
      kind,
      access,
      rest: { method: rest.method, path: rest.path, status: rest.status },
      input: withoutTexts(input),
      output: withoutTexts(output),
      errors: [...errors].sort(),
    };
    return [path, described] as const;
  });
  const errors = Object.entries(errorCatalogue).map(([code, { details }]) => {
    const described = {
      status: problemStatus(code as ErrorCode),
      details: withoutTexts(readSchema(details, "output", named)),
    };
    return [code, described] as const;
  });
  return {
    endpoints: sorted(endpoints),
    errors: sorted(errors),
    schemas: sorted([...named].map(([name, schema]) => [name, strip(schema) as JsonSchema] as const)),
  };
}

/** SHA-256 of a description, hexadecimal. */
export function hashDescription(description: ContractDescription): string {
  return createHash("sha256").update(JSON.stringify(description)).digest("hex");
}

function withoutTexts(schema: JsonSchema | undefined): JsonSchema | null {
  return schema === undefined ? null : (strip(schema) as JsonSchema);
}

/** What says something about a schema and nothing about the values that it takes; so does what begins with `x-`, such as units. */
const annotations = new Set(["description", "title", "examples", "id", "deprecated", "$comment"]);

/** Keywords whose value names things, so that what it has inside is not taken for keywords. */
const maps = new Set(["properties", "patternProperties", "$defs"]);

/** Keywords whose value is data. */
const data = new Set(["enum", "const", "default", "required"]);

/** A copy of a schema without annotations, its keywords in alphabetical order. */
function strip(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strip);
  if (typeof schema !== "object" || schema === null) return schema;
  const keywords = Object.entries(schema).filter(
    ([keyword]) => !annotations.has(keyword) && !keyword.startsWith("x-"),
  );
  return sorted(
    keywords.map(([keyword, value]) => {
      if (data.has(keyword)) return [keyword, value] as const;
      if (!maps.has(keyword)) return [keyword, strip(value)] as const;
      return [
        keyword,
        sorted(Object.entries(value).map(([name, inner]) => [name, strip(inner)] as const)),
      ] as const;
    }),
  );
}

function sorted<TValue>(entries: readonly (readonly [string, TValue])[]): Record<string, TValue> {
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
