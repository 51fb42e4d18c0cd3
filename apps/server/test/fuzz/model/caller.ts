import type { ErrorCode, NamedEndpoint } from "@obsqra/contract";
import { listCalls, problemStatus } from "@obsqra/contract";
import { writeOperation } from "@obsqra/graphql/testing";
import { writeToolCall } from "@obsqra/mcp/testing";
import { FuzzFailure } from "../fuzz-failure.ts";
import { type Connection, openConnection } from "../http/connection.ts";
import type { HttpResponse } from "../http/read-response.ts";
import {
  judgeBatchResponse,
  judgeGraphqlResponse,
  judgeRestResponse,
  judgeToolResponse,
  judgeTrpcResponse,
  type Outcome,
} from "../judge/judge-response.ts";
import type { Tally } from "../tally.ts";

/** How a call travels. `batch` is tRPC's form for several calls, here of one. */
export type Via = "rest" | "trpc" | "batch" | "graphql" | "mcp";

/** One call of an endpoint. */
export interface Call {
  /** As tRPC spells it. */
  readonly path: string;
  readonly input?: unknown;
  /** Access token or API key. */
  readonly bearer?: string | undefined;
  readonly via?: Via;
  /** With it a mutation is sent twice, and has to be done once and get the same bytes twice. */
  readonly idempotencyKey?: string | undefined;
}

/** Calls endpoints over one connection, and judges every response. */
export interface Caller extends Disposable {
  /** @throws FuzzFailure */
  call(call: Call): Promise<Outcome>;
  /**
   * Calls several endpoints of one kind, with the same token, in one request of tRPC.
   *
   * @throws FuzzFailure
   */
  batch(calls: readonly Call[]): Promise<Outcome[]>;
}

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

const endpoints = new Map(listCalls().map((named) => [named.path, named]));

/**
 * Makes a caller for the server of a URL.
 *
 * @param patienceMs how long a response may take. @default long
 */
export function createCaller(url: string, tally: Tally, patienceMs?: number): Caller {
  let connection: Connection | undefined;

  async function send(request: Request): Promise<HttpResponse> {
    connection ??= await openConnection(url, patienceMs);
    connection.write(toBytes(request));
    const response = await connection.nextResponse(request.method);
    if (response === undefined) throw new FuzzFailure("broken_http", `no response to ${request.target}`);
    if (response.headers.get("connection") === "close") {
      await connection.closed();
      connection[Symbol.dispose]();
      connection = undefined;
    }
    return response;
  }

  async function call(asked: Call): Promise<Outcome> {
    const named = findEndpoint(asked.path);
    const via = canTravel(asked, named) ? (asked.via ?? "rest") : "trpc";
    const request = toRequest({ ...asked, via }, named);
    const response = await send(request);
    const outcome = judge(via, response, named);
    tally.count({ path: asked.path, status: response.status, isSuccess: outcome.ok });
    if (asked.idempotencyKey !== undefined && isKept(named, outcome)) {
      const again = await send(request);
      tally.count({ path: asked.path, status: again.status, isSuccess: outcome.ok });
      assertSame(asked.path, response, again);
    }
    return outcome;
  }

  async function batch(calls: readonly Call[]): Promise<Outcome[]> {
    const called = calls.map(({ path }) => findEndpoint(path));
    const response = await send(toBatch(calls, called));
    const outcomes = judgeBatchResponse(response, called);
    for (const [index, { path }] of calls.entries()) {
      tally.count({ path, status: response.status, isSuccess: outcomes[index]?.ok === true });
    }
    return outcomes;
  }

  return { call, batch, [Symbol.dispose]: () => connection?.[Symbol.dispose]() };
}

function findEndpoint(path: string): NamedEndpoint {
  const named = endpoints.get(path);
  if (named === undefined) throw new Error(`There is no endpoint ${path}.`);
  return named;
}

function judge(via: Via, response: HttpResponse, named: NamedEndpoint): Outcome {
  switch (via) {
    case "rest":
      return judgeRestResponse(response, named);
    case "trpc":
      return judgeTrpcResponse(response, named);
    case "graphql":
      return judgeGraphqlResponse(response, named);
    case "mcp":
      return judgeToolResponse(response, named);
    case "batch": {
      const [outcome] = judgeBatchResponse(response, [named]);
      if (outcome === undefined) throw new FuzzFailure("wrong_response", "an empty batch");
      return outcome;
    }
  }
}

/** Whether the same call with the same key gets the same reply again. */
function isKept({ path, endpoint }: NamedEndpoint, outcome: Outcome): boolean {
  if (endpoint.kind !== "mutation") return false;
  if (outcome.ok) return !endsAccess.has(path);
  const status = problemStatus(outcome.error.code);
  // Later, the response may be another.
  return status < 500 && status !== 429 && !decidedBefore.has(outcome.error.code);
}

/**
 * A reply is replayed to the byte; with an error that includes the id of the request that got it first.
 *
 * @throws FuzzFailure broken_promise
 */
function assertSame(path: string, first: HttpResponse, again: HttpResponse): void {
  const isSame = again.status === first.status && again.body === first.body;
  if (isSame && again.headers.get("idempotent-replayed") === "true") return;
  const [one, other] = [first, again].map(({ status, body }) => `${status} ${body}`);
  throw new FuzzFailure("broken_promise", `${path} with one key gives ${one} and ${other}`);
}

/** What is decided before anybody looks at the key. */
const decidedBefore: ReadonlySet<ErrorCode> = new Set([
  "UNAUTHENTICATED",
  "TOKEN_EXPIRED",
  "TOKEN_INVALID",
  "API_KEY_INVALID",
  "OPERATOR_REQUIRED",
  "SCOPE_MISSING",
  "SESSION_REQUIRED",
  "REAUTHENTICATION_NEEDED",
  "VALIDATION_FAILED",
  "MALFORMED_REQUEST",
  "JSON_AMBIGUOUS",
  "MALFORMED_JSON",
  "PAYLOAD_TOO_LARGE",
]);

/** Whoever has given up their access is refused before anybody looks at the key. */
const endsAccess = new Set([
  "auth.logout",
  "auth.logout_everywhere",
  "auth.reauthenticate",
  "auth.revoke_session",
  "users.schedule_deletion",
]);

/** A path can carry what is no text only as text, and nothing that is empty: then it would be another path. */
function canTravel({ via, input }: Call, { path: called, endpoint }: NamedEndpoint): boolean {
  if (via === "graphql") return writeOperation(called).toVariables(input) !== undefined;
  if (via === "mcp") return writeToolCall(called)?.says(input) ?? false;
  if (via !== undefined && via !== "rest") return true;
  const { method, path } = endpoint.rest;
  if (method !== "GET" && method !== "DELETE" && !path.includes(":")) return true;
  if (input === undefined) return !path.includes(":");
  if (typeof input !== "object" || input === null || Array.isArray(input)) return false;
  const fields = input as Readonly<Record<string, unknown>>;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => fields[name]);
  const texts = Object.values(fields);
  return (
    inPath.every((value) => typeof value === "string" && /^[^.]/.test(value) && value.length < 5_000) &&
    texts.every((value) => typeof value !== "object" && (typeof value !== "string" || value.isWellFormed()))
  );
}

function toRequest(call: Call & { readonly via: Via }, named: NamedEndpoint): Request {
  const { path, input, via } = call;
  if (via === "batch") return toBatch([call], [named]);
  const headers = headersOf(call);
  if (via === "rest") return toRestRequest(call, named);
  if (via === "graphql") {
    const { query, toVariables } = writeOperation(path);
    const body = JSON.stringify({ query, variables: toVariables(input) });
    return { method: "POST", target: "/graphql", headers, body };
  }
  const message = via === "mcp" ? writeToolCall(path)?.toMessage(input) : undefined;
  if (message !== undefined) {
    const body = JSON.stringify(message.json);
    return { method: "POST", target: "/mcp", headers: { ...headers, ...message.headers }, body };
  }
  if (named.endpoint.kind === "mutation") {
    // tRPC asks for a content type even where nothing is sent.
    return { method: "POST", target: `/trpc/${path}`, headers, body: JSON.stringify(input) ?? "" };
  }
  const query = input === undefined ? "" : `?input=${encodeJson(input)}`;
  return { method: "GET", target: `/trpc/${path}${query}`, headers };
}

function toRestRequest(call: Call, { endpoint }: NamedEndpoint): Request {
  const { method, path } = endpoint.rest;
  const headers = headersOf(call);
  const inPath = new Set([...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name));
  // `canTravel` has made sure of that, where it matters.
  const fields = (call.input ?? {}) as Readonly<Record<string, unknown>>;
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(fields[name])));
  const target = `/api/v1${filled}`;
  const others = Object.entries(fields).filter(([name]) => !inPath.has(name));
  if (method === "POST" || method === "PUT") {
    const body = inPath.size === 0 ? call.input : Object.fromEntries(others);
    return { method, target, headers, body: JSON.stringify(body) };
  }
  const query = others.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return { method, target: query.length === 0 ? target : `${target}?${query.join("&")}`, headers };
}

function toBatch(calls: readonly Call[], called: readonly NamedEndpoint[]): Request {
  const target = `/trpc/${calls.map(({ path }) => path).join(",")}?batch=1`;
  const inputs = Object.fromEntries(calls.map(({ input }, index) => [index, input]));
  const headers = headersOf(calls[0]);
  return called[0]?.endpoint.kind === "mutation"
    ? { method: "POST", target, headers, body: JSON.stringify(inputs) }
    : { method: "GET", target: `${target}&input=${encodeJson(inputs)}`, headers };
}

/** As bytes of a URL; a half of a character stays as JSON writes it. */
function encodeJson(input: unknown): string {
  return encodeURIComponent(JSON.stringify(input));
}

function headersOf(call: Call | undefined): Record<string, string> {
  return {
    ...(call?.bearer === undefined ? {} : { authorization: `Bearer ${call.bearer}` }),
    ...(call?.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
  };
}

function toBytes({ method, target, headers, body }: Request): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length =
    body === undefined
      ? ""
      : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join("")}${length}\r\n`;
  return Buffer.from(`${head}${body ?? ""}`);
}
