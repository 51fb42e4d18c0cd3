import { listEndpoints } from "@obsqra/contract";
import { writeOperation } from "@obsqra/graphql/testing";
import { send, sendJson, type WireResponse } from "./start-test-server.ts";

export type Protocol = "rest" | "trpc";

/** One call of an endpoint, such as `auth.login`. */
export interface EndpointCall {
  readonly protocol: Protocol | "graphql";
  readonly path: string;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** Access token or API key. */
  readonly bearer?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** The organisation that the call is for. @default whoever calls */
  readonly owner?: string | undefined;
}

/** Calls an endpoint as the contract says for this protocol. */
export function callEndpoint(url: string, call: EndpointCall): Promise<WireResponse> {
  const { input, bearer, idempotencyKey, owner } = call;
  const headers: Record<string, string> = {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...(owner === undefined ? {} : { "obsqra-owner": owner }),
  };
  const found = listEndpoints().find(({ path }) => path === call.path);
  if (found === undefined) throw new Error(`There is no endpoint ${call.path}.`);
  const { kind, rest } = found.endpoint;
  if (call.protocol === "trpc") {
    if (kind === "mutation") return sendJson(url, { path: `/trpc/${call.path}`, headers, json: input });
    const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return send(url, { path: `/trpc/${call.path}${query}`, headers });
  }
  if (call.protocol === "graphql") {
    const { query, toVariables } = writeOperation(call.path);
    return sendJson(url, { path: "/graphql", headers, json: { query, variables: toVariables(input) } });
  }
  const { method } = rest;
  const path = `/api/v1${rest.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input?.[name])))}`;
  return method === "POST" || method === "PUT"
    ? sendJson(url, { method, path, headers, json: input })
    : send(url, { method, path, headers });
}

/** What a successful call gave, over REST or tRPC. */
export function readOutput<TOutput>({ status, body }: WireResponse, protocol: Protocol): TOutput {
  if (status >= 300) throw new Error(`The call failed with ${status}: ${body}`);
  const parsed: unknown = body === "" ? undefined : JSON.parse(body);
  return (protocol === "rest" ? parsed : (parsed as { result: { data: unknown } }).result.data) as TOutput;
}
