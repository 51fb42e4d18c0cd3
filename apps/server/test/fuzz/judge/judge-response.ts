import { isDeepStrictEqual } from "node:util";
import type { NamedEndpoint } from "@obsqra/contract";
import { type GraphqlBody, writeOperation } from "@obsqra/graphql/testing";
import { z } from "zod";
import { FuzzFailure } from "../fuzz-failure.ts";
import type { HttpResponse } from "../http/read-response.ts";
import { isOfMcp, isOfOAuth, judgeMcpResponse } from "./judge-agents.ts";
import {
  judgeEnvelope,
  judgeGraphqlError,
  judgeGraphqlResult,
  judgeProblem,
  judgeToolProblem,
  parseJson,
  type StatedRefusal,
} from "./judge-error.ts";

/** What an endpoint returned, once that has been found to be as declared. */
export type Outcome =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly error: StatedRefusal };

const trpcResponse = z.union([
  z.strictObject({ result: z.strictObject({ data: z.unknown().optional() }) }),
  z.strictObject({ error: z.unknown() }),
]);

/**
 * Judges a REST response: the declared status and output, or a declared error.
 *
 * @throws FuzzFailure
 */
export function judgeRestResponse(response: HttpResponse, named: NamedEndpoint): Outcome {
  judgeHead(response);
  if (response.status >= 300) return { ok: false, error: judgeProblem(response, named) };
  const { status } = named.endpoint.rest;
  if (response.status !== status) {
    throw new FuzzFailure(
      "wrong_response",
      `${named.path} responds with ${response.status} instead of ${status}`,
    );
  }
  const data = response.status === 204 ? undefined : parseJson(response.body);
  return { ok: true, data: judgeOutput(named, data) };
}

/**
 * Judges the response to one call of tRPC.
 *
 * @throws FuzzFailure
 */
export function judgeTrpcResponse(response: HttpResponse, named: NamedEndpoint): Outcome {
  judgeHead(response);
  return judgeCall(response, parseJson(response.body), named);
}

/**
 * Judges the response to a batch of tRPC: one outcome for each call, in their order.
 *
 * @throws FuzzFailure
 */
export function judgeBatchResponse(response: HttpResponse, called: readonly NamedEndpoint[]): Outcome[] {
  judgeHead(response);
  const json = parseJson(response.body);
  // Refused before any was called: links take it for the response to each.
  if (!Array.isArray(json)) return called.map((named) => judgeCall(response, json, named));
  const responses = z.array(z.unknown()).safeParse(json);
  if (!responses.success || responses.data.length !== called.length) {
    throw new FuzzFailure("wrong_response", `${called.length} calls got ${response.body}`);
  }
  return called.map((named, index) => judgeCall(response, responses.data[index], named));
}

const graphqlResponse = z.strictObject({
  data: z.record(z.string(), z.unknown()).nullable().optional(),
  errors: z.array(z.unknown()).min(1).optional(),
});

/**
 * Judges the response to an operation of GraphQL that calls an endpoint.
 *
 * @throws FuzzFailure
 */
export function judgeGraphqlResponse(response: HttpResponse, named: NamedEndpoint): Outcome {
  judgeHead(response);
  if (isProblem(response)) return { ok: false, error: judgeProblem(response, named) };
  const parsed = graphqlResponse.safeParse(parseJson(response.body));
  if (!parsed.success) throw new FuzzFailure("wrong_response", `this is not of GraphQL: ${response.body}`);
  const [error] = parsed.data.errors ?? [];
  if (error !== undefined) return { ok: false, error: judgeGraphqlError(response, error, named) };
  const { output, problem } = writeOperation(named.path).read(parsed.data as GraphqlBody);
  if (problem !== undefined) return { ok: false, error: judgeGraphqlResult(response, problem, named) };
  return { ok: true, data: judgeOutput(named, output) };
}

/**
 * Judges a response to whatever was sent: it may be refused or done, but only in ways that are declared somewhere.
 *
 * @throws FuzzFailure
 */
export function judgeAnyResponse(response: HttpResponse): void {
  judgeHead(response);
  if (response.body === "") return;
  if (isProblem(response)) {
    judgeProblem(response);
    return;
  }
  if (isOfMcp(response)) {
    judgeMcpResponse(response);
    return;
  }
  if (response.status < 300 || !isJson(response)) return;
  if (isOfOAuth(response)) return;
  const ofGraphql = graphqlResponse.safeParse(parseJson(response.body));
  if (ofGraphql.success) {
    for (const error of ofGraphql.data.errors ?? []) judgeGraphqlError(response, error);
    return;
  }
  for (const each of [parseJson(response.body)].flat()) judgeCall(response, each);
}

/**
 * Judges the response to a call of a tool.
 *
 * @throws FuzzFailure
 */
export function judgeToolResponse(response: HttpResponse, named: NamedEndpoint): Outcome {
  judgeHead(response);
  if (isProblem(response)) return { ok: false, error: judgeProblem(response, named) };
  const { output, problem, error } = judgeMcpResponse(response);
  if (error !== undefined) throw new FuzzFailure("wrong_response", `${named.path} got ${response.body}`);
  if (problem !== undefined) return { ok: false, error: judgeToolProblem(response, problem, named) };
  // What gives nothing gives an object without fields.
  const isNothing = named.endpoint.output.safeParse(undefined).success && isDeepStrictEqual(output, {});
  return { ok: true, data: judgeOutput(named, isNothing ? undefined : output) };
}

function judgeHead({ status, headers, body }: HttpResponse): void {
  if (status >= 500 && status !== 503) throw new FuzzFailure("server_error", `${status} ${body}`);
  if (!/^[0-9a-f-]{36}$/.test(headers.get("x-request-id") ?? "")) {
    throw new FuzzFailure("wrong_response", `a response has no request id: ${status} ${body.slice(0, 500)}`);
  }
}

function judgeCall(response: HttpResponse, each: unknown, named?: NamedEndpoint): Outcome {
  const parsed = trpcResponse.safeParse(each);
  if (!parsed.success) {
    throw new FuzzFailure("wrong_response", `this is not a response of tRPC: ${JSON.stringify(each)}`);
  }
  if ("error" in parsed.data) {
    return { ok: false, error: judgeEnvelope(response, parsed.data.error, named) };
  }
  const { data } = parsed.data.result;
  return { ok: true, data: named === undefined ? data : judgeOutput(named, data) };
}

/** Exactly what is declared: a schema alone would overlook fields that it does not know. */
function judgeOutput({ path, endpoint }: NamedEndpoint, data: unknown): unknown {
  const parsed = endpoint.output.safeParse(data);
  const shown = JSON.stringify(data)?.slice(0, 2000);
  if (!parsed.success) {
    throw new FuzzFailure("wrong_response", `${path} returns ${shown}: ${parsed.error.message}`);
  }
  if (!isDeepStrictEqual(parsed.data, data)) {
    throw new FuzzFailure("wrong_response", `${path} returns fields that are not declared: ${shown}`);
  }
  return data;
}

function isProblem({ headers }: HttpResponse): boolean {
  return headers.get("content-type")?.startsWith("application/problem+json") ?? false;
}

function isJson({ headers }: HttpResponse): boolean {
  return headers.get("content-type")?.startsWith("application/json") ?? false;
}
