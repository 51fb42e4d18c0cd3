import type { OpenApiDocument } from "@obsqra/openapi/document";
import { send, type WireResponse } from "../wire/start-test-server.ts";

/** What a consumer reads of an operation. */
interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name?: string; readonly in?: string }[];
  readonly requestBody?: object;
  readonly responses: { readonly [status: string]: DocumentedResponse };
}

interface DocumentedResponse {
  readonly content?: { readonly "application/json"?: { readonly example?: unknown } };
}

/** An operation with its place in the document. */
export interface FoundOperation extends Operation {
  readonly method: string;
  readonly path: string;
  /** The status of success. */
  readonly status: number;
}

/** One call of an operation, knowing nothing but the document. */
export interface OperationCall {
  readonly operation: FoundOperation;
  /** The fields of parameters and body. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** All operations of the document, by their ids. */
export function listOperations(document: OpenApiDocument): Map<string, FoundOperation> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, part]) => {
      // What the builder makes of the contract.
      const operation = part as unknown as Operation;
      const status = Number(Object.keys(operation.responses).find((each) => each.startsWith("2")));
      return { ...operation, method: method.toUpperCase(), path, status };
    }),
  );
  return new Map(operations.map((operation) => [operation.operationId, operation]));
}

/** Sends the request that the document describes: each field goes where a parameter says, the rest into the body. */
export function callOperation(
  url: string,
  { operation, input = {}, headers = {} }: OperationCall,
): Promise<WireResponse> {
  const { method, parameters = [], requestBody } = operation;
  const placeOf = (name: string) => parameters.find((each) => each.name === name)?.in;
  const fields = Object.entries(input);
  const query = new URLSearchParams(
    fields
      .filter(([name]) => placeOf(name) === "query")
      .map(([name, value]): [string, string] => [name, String(value)]),
  );
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(input[name])),
  );
  const body = Object.fromEntries(fields.filter(([name]) => placeOf(name) === undefined));
  const hasBody = requestBody !== undefined;
  return send(url, {
    method,
    path: query.size === 0 ? path : `${path}?${query}`,
    headers: { ...(hasBody ? { "content-type": "application/json" } : {}), ...headers },
    body: hasBody ? JSON.stringify(body) : undefined,
  });
}
