import { createHash } from "node:crypto";
import { errorCatalogue, httpStatusByTrpcCode, type NamedEndpoint } from "@obsqra/contract";
import { createCaller, logChainHeads, type PasswordHasher, writeLog } from "@obsqra/features";
import type { TestApi, TestApiOptions } from "@obsqra/features/testing";
import { writeOperation } from "@obsqra/graphql/testing";
import { readToolAnswer, writeToolCall } from "@obsqra/mcp/testing";
import { toAppError } from "@obsqra/platform";
import { type ChainReader, ChainUnavailableError } from "@obsqra/starknet";
import { send, startTestServer } from "../wire/start-test-server.ts";
import {
  type Outcome,
  readGraphqlOutcome,
  readMcpOutcome,
  readRestOutcome,
  readTrpcOutcome,
} from "./outcome.ts";
import { toRestRequest } from "./rest-request.ts";

/** A call of an endpoint that says nothing of how it is sent. */
export interface Call {
  readonly named: NamedEndpoint;
  readonly input: unknown;
  /** Access token or API key. */
  readonly bearer: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** The organisation that the call is for. @default whoever calls */
  readonly owner?: string | undefined;
  /** Whether tRPC sends it as a batch of one. */
  readonly isBatch: boolean;
}

/** A service with a database of its own, asked in one way. Two worlds that are asked the same give the same. */
export interface World extends AsyncDisposable {
  readonly name: WorldName;
  readonly api: TestApi;
  /** Undefined where the question makes no sense in this world. */
  call(call: Call): Promise<Outcome | undefined>;
}

export type WorldName = "REST" | "tRPC" | "GraphQL" | "MCP" | "in process";

/** Opens a world in which time and chance are the same as in every other one. */
export async function openWorld(
  name: WorldName,
  { withForecasts = false }: Pick<TestApiOptions, "withForecasts"> = {},
): Promise<World> {
  const options: TestApiOptions = {
    withForecasts,
    chain: createFakeChain(),
    passwordHasher: createFakePasswordHasher(),
    randomBytes: createRepeatableBytes(),
    // Generous enough to get far, tight enough to be met.
    throttleLimits: { perEmailAndIp: 5, perIp: 5_000, mailsPerEmailAndIp: 5, mailsPerIp: 1_000 },
  };
  const server = await startTestServer(options);
  const { api, url } = server;
  const call = createCall();
  return {
    name,
    api,
    call: async (asked) => {
      // Receipts are of what is in the log, which a job writes.
      if (withForecasts && asked.named.feature === "receipts") await writeAll(asked);
      return call(asked);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };

  async function writeAll({ named }: Call): Promise<void> {
    // Once a day: whoever comes later than the first who asks for it has none.
    if (named.path === "receipts.chains") await logChainHeads(api.deps);
    await writeLog(api.deps, new AbortController().signal);
  }

  function createCall(): World["call"] {
    switch (name) {
      case "REST":
        return (call) => callRest(url, call);
      case "tRPC":
        return (call) => callTrpc(url, call);
      case "GraphQL":
        return (call) => callGraphql(url, call);
      case "MCP":
        return (call) => callMcp(url, call);
      case "in process":
        return (call) => callInProcess(api, call);
    }
  }
}

async function callRest(url: string, call: Call): Promise<Outcome> {
  const request = toRestRequest(call.named.endpoint, call.input);
  if (request === undefined) throw new Error("Leave out what REST cannot say.");
  return readRestOutcome(await send(url, { ...request, headers: headersOf(call, request.body) }));
}

async function callTrpc(url: string, call: Call): Promise<Outcome> {
  const { named, input, isBatch } = call;
  const json: string | undefined = JSON.stringify(isBatch ? { 0: input } : input);
  const path = `/trpc/${named.path}${isBatch ? "?batch=1" : ""}`;
  if (named.endpoint.kind === "mutation") {
    // Clients of tRPC name the content type also when there is no input.
    const headers = headersOf(call, json ?? "");
    return readTrpcOutcome(await send(url, { method: "POST", path, headers, body: json }));
  }
  const query = json === undefined ? "" : `${isBatch ? "&" : "?"}input=${encodeURIComponent(json)}`;
  return readTrpcOutcome(await send(url, { path: `${path}${query}`, headers: headersOf(call, undefined) }));
}

async function callGraphql(url: string, call: Call): Promise<Outcome | undefined> {
  const { query, toVariables, read } = writeOperation(call.named.path);
  const variables = toVariables(call.input);
  // What its types refuse, or the whole body, is told in another place. In this world, it is asked over REST: it has to be refused, too.
  if (variables === undefined || isUnreadable(call.input)) {
    const { status } = await callRest(url, call);
    if (status < 400 && call.input !== undefined)
      throw new Error(`GraphQL has no way to say ${JSON.stringify(call.input)}, which is good.`);
    return undefined;
  }
  const body = JSON.stringify({ query, variables });
  const response = await send(url, {
    method: "POST",
    path: "/graphql",
    headers: headersOf(call, body),
    body,
  });
  return readGraphqlOutcome(response, read(JSON.parse(response.body)));
}

/** What no tool does, and what a tool does not take, is asked over REST in this world: it has to be as in the others afterwards. */
async function callMcp(url: string, call: Call): Promise<Outcome | undefined> {
  const tool = writeToolCall(call.named.path);
  if (tool?.says(call.input) !== true || isUnreadable(call.input)) {
    await callRest(url, call);
    return undefined;
  }
  const message = tool.toMessage(call.input);
  const body = JSON.stringify(message.json);
  const headers = { ...headersOf(call, body), ...message.headers };
  const response = await send(url, { method: "POST", path: "/mcp", headers, body });
  return readMcpOutcome(response, readToolAnswer(response.body));
}

/** Whether a body with it would be refused before there is an input: for such a name, or half of a character. */
function isUnreadable(input: unknown): boolean {
  return /"__proto__":|\\ud[89a-f]/.test(JSON.stringify(input) ?? "");
}

function headersOf(
  { bearer, idempotencyKey, owner }: Call,
  body: string | undefined,
): Record<string, string> {
  return {
    "user-agent": "test",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...(owner === undefined ? {} : { "obsqra-owner": owner }),
  };
}

type AnyCaller = Record<string, Record<string, (input: unknown) => Promise<unknown>>>;

async function callInProcess({ deps }: TestApi, call: Call): Promise<Outcome | undefined> {
  const { named, bearer, idempotencyKey, owner } = call;
  const id = deps.createId();
  // Here there is no body.
  if (named.endpoint.kind === "mutation" && isUnreadable(call.input)) return undefined;
  const request = {
    id,
    access_token: bearer,
    ip: "127.0.0.1",
    user_agent: "test",
    idempotency_key: idempotencyKey,
    owner,
  };
  // A caller has a function for every endpoint; its types only tell which input each takes.
  const caller = createCaller({ ...deps, request }) as AnyCaller;
  const input: unknown = call.input === undefined ? undefined : JSON.parse(JSON.stringify(call.input));
  try {
    const output = await caller[named.feature]?.[named.name]?.(input);
    const { status } = named.endpoint.rest;
    return { status, output: JSON.stringify(output), error: undefined, headers: undefined };
  } catch (thrown) {
    const { code, message, details, requestId = id } = toAppError(thrown);
    const status = httpStatusByTrpcCode[errorCatalogue[code].trpcCode];
    return {
      status,
      output: undefined,
      error: { code, message, details, request_id: requestId },
      headers: undefined,
    };
  }
}

/** The same bytes in the same order every time. */
function createRepeatableBytes(): (size: number) => Uint8Array {
  let drawn = 0;
  return (size) => {
    drawn += 1;
    return createHash("shake256", { outputLength: size }).update(String(drawn)).digest();
  };
}

/** Makes hashes in no time. What the real ones promise is tested elsewhere. */
function createFakePasswordHasher(): PasswordHasher {
  const hashOf = (password: string) => `fake$${createHash("sha256").update(password).digest("hex")}`;
  return {
    hash: async (password) => hashOf(password),
    verify: async (hash, password) => hash === hashOf(password),
    inTurn: (work) => work(),
    isStale: () => false,
  };
}

/** A chain whose accounts say what the first felt of the signature tells them to say. */
function createFakeChain(): ChainReader {
  return {
    chainId: async () => "SN_MAIN",
    classHashAt: async () => undefined,
    transactionOutcome: async () => ({ status: "unknown" }),
    isValidSignature: async ({ signature: [felt] }) => {
      switch (Number(felt)) {
        case 1:
          return "valid";
        case 2:
          return "not_deployed";
        case 3:
          throw new ChainUnavailableError("timeout", "The node did not respond.", { retryable: true });
        default:
          return "invalid";
      }
    },
  };
}
