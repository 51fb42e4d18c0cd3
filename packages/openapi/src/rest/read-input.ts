import type { Endpoint } from "@obsqra/contract";
import type { ContractSchemas } from "@obsqra/contract/schemas";
import type { FastifyRequest } from "fastify";
import type { TextValues } from "./read-query.ts";
import { createTextReader } from "./read-query.ts";

/** Takes the input of an endpoint out of a request, unchecked. */
export type InputReader = (request: FastifyRequest) => unknown;

/**
 * Makes the reader of one endpoint: GET and DELETE read the query string, POST and PUT the JSON body; fields of the
 * path win over both. An endpoint without input ignores whatever is sent.
 */
export function createInputReader(endpoint: Endpoint, schemas: ContractSchemas): InputReader {
  const schema = schemas.endpoints.get(endpoint)?.input;
  if (schema === undefined) return () => undefined;
  if (!takesBody(endpoint)) {
    const readTexts = createTextReader(schema, schemas.named);
    return (request) => readTexts({ ...(request.query as TextValues), ...(request.params as TextValues) });
  }
  const pathFields = listPathFields(endpoint.rest.path);
  if (pathFields.length === 0) return (request) => request.body;
  const readPath = createTextReader(schema, schemas.named, (name) => pathFields.includes(name));
  return (request) => mergeIntoBody(request.body, readPath(request.params as TextValues));
}

/** Whether the input comes as a JSON body. */
export function takesBody(endpoint: Endpoint): boolean {
  return endpoint.rest.method === "POST" || endpoint.rest.method === "PUT";
}

/** The names in `/transactions/:tx_hash`: here `tx_hash`. */
export function listPathFields(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
}

/** A body that is no object stays as it is, so that validation reports it. */
function mergeIntoBody(body: unknown, pathFields: Record<string, unknown>): unknown {
  if (body === undefined) return pathFields;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return { ...body, ...pathFields };
}
