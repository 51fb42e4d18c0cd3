import { listEndpoints } from "@obsqra/contract";
import { type ApiContext, appRouter } from "@obsqra/features";
import {
  acceptJsonOnly,
  callHeaders,
  endpointHeaders,
  listProcedures,
  problemHeaders,
  revalidate,
} from "@obsqra/openapi";
import { AppError, createResponseFacts, noteAddress, type ResponseFacts, toAppError } from "@obsqra/platform";
import type { TRPCError } from "@trpc/server";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readCalls } from "./read-calls.ts";
import { readQuery } from "./read-query.ts";
import { respondToCalls } from "./respond-to-calls.ts";
import { respondWithStream } from "./respond-with-stream.ts";

/** Calls of a batch, whatever way it comes. */
const batchSizeMax = 20;
/** Of all calls of a batch together. Their responses are written at once, however large they are. */
const batchPointsMax = 100;

const procedures = listProcedures(appRouter);
const endpoints = new Map(listEndpoints().map(({ path, endpoint }) => [path, endpoint] as const));

type CreateContext = (request: FastifyRequest, facts: ResponseFacts) => ApiContext;

/** How requests are served. */
export interface TrpcOptions {
  /** Whether tRPC's own handler serves all of them, as tests do that compare the two. @default false */
  readonly isOwnHandlerOnly?: boolean;
}

/**
 * Serves the procedures as tRPC at `/trpc`. Bodies are read under the same rules as REST's; tRPC's own plugin would also
 * take forms, without a limit. What is refused before any procedure is called is, too: in tRPC's envelope, by the
 * handlers of errors.
 *
 * Calls as links send them go to their procedures directly; of everything else, such as streams and what fits no procedure,
 * tRPC's own handler says what becomes of it.
 */
export async function registerTrpc(
  app: FastifyInstance,
  createContext: CreateContext,
  { isOwnHandlerOnly = false }: TrpcOptions = {},
): Promise<void> {
  const headersOf = createEndpointHeaders();
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    scope.addHook("onSend", revalidate);
    scope.route<{ Params: { path: string } }>({
      // HEAD is GET without the body (RFC 9110, 9.3.2).
      method: ["GET", "HEAD", "POST"],
      url: "/trpc/:path",
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const { path } = request.params;
        const called = path.split(",");
        assertBatch(called);
        assertKeyOfOneCall(request, called);
        const query = readQuery(request);
        const facts = createResponseFacts();
        const headers = (error: TRPCError | undefined) => ({
          ...headersOf(called),
          ...callHeaders(facts),
          ...(error && problemHeaders(toAppError(error))),
        });
        const procedure = procedures.get(path);
        if (procedure?._def.type === "subscription" && !query.isBatch && !isOwnHandlerOnly) {
          // tRPC would take POST, too. Whatever changes nothing is read with GET, as over REST.
          if (request.method !== "GET") throw new AppError("METHOD_NOT_ALLOWED", { allowed: ["GET"] });
          const ctx = createContext(request, facts);
          const { input } = query;
          return respondWithStream({
            ...{ procedure, path, ctx, input, request, reply, headers },
            router: appRouter,
          });
        }
        const plain = isOwnHandlerOnly ? undefined : readCalls(request, path, query, procedures);
        if (plain !== undefined) {
          const ctx = createContext(request, facts);
          return respondToCalls(plain, { router: appRouter, ctx, facts, reply, headers });
        }
        await handOver({ request, reply, path, facts, headers, createContext });
        return reply;
      },
    });
  });
}

/** The headers that are the same for every request with these calls; those of a single call are made once. */
function createEndpointHeaders(): (called: readonly string[]) => Readonly<Record<string, string>> {
  const ofOne = new Map([...endpoints].map(([path, endpoint]) => [path, endpointHeaders([endpoint])]));
  return (called) => {
    const [path = ""] = called;
    const single = called.length === 1 ? ofOne.get(path) : undefined;
    return single ?? endpointHeaders(called.map((name) => endpoints.get(name)).filter(isDefined));
  };
}

interface HandOver {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly path: string;
  readonly facts: ResponseFacts;
  readonly headers: (error: TRPCError | undefined) => Record<string, string>;
  readonly createContext: CreateContext;
}

/** Lets tRPC's own handler respond. */
async function handOver({ request, reply, path, facts, headers, createContext }: HandOver): Promise<void> {
  // It responds to HEAD with 204, whatever is asked; Node leaves out the body of a response to what came as HEAD.
  if (request.method === "HEAD") request.raw.method = "GET";
  // It would take a text for JSON that nobody has read yet.
  if (typeof request.body === "string") request.body = JSON.stringify(request.body);
  // And it would refuse a mutation without a body, unless JSON is announced.
  if (request.body === undefined) request.raw.headers["content-type"] = "application/json";
  // It sends results whenever they are read, which is no reason to let others be made meanwhile for nothing.
  facts.onResult = (result) => facts.noteBytes?.(Buffer.byteLength(JSON.stringify(result) ?? ""));
  // A stream's headers are sent before its calls are counted.
  if (isStream(request)) await noteAddress(createContext(request, facts));
  await fastifyRequestHandler({
    router: appRouter,
    req: request,
    res: reply,
    path,
    allowMethodOverride: true,
    createContext: () => createContext(request, facts),
    responseMeta: ({ errors: [error] }) => ({ headers: headers(error) }),
    onError: ({ ctx, error }) => {
      if (ctx === undefined) throw error;
    },
  });
}

/**
 * Refuses a batch of too many calls.
 *
 * @throws AppError VALIDATION_FAILED
 */
export function assertBatchSize(calls: readonly unknown[]): void {
  if (calls.length > batchSizeMax) refuseBatch(`send at most ${batchSizeMax} calls in one batch`);
}

/** tRPC joins the names of a batch's calls with commas. */
function assertBatch(called: readonly string[]): void {
  assertBatchSize(called);
  const points = called.reduce((sum, path) => sum + (endpoints.get(path)?.weight ?? 1), 0);
  // A single call is no batch, whatever it costs.
  if (called.length === 1 || points <= batchPointsMax) return;
  refuseBatch(`send calls of at most ${batchPointsMax} points in one batch, not ${points}`);
}

function refuseBatch(message: string): never {
  throw new AppError("VALIDATION_FAILED", { issues: [{ path: "batch", message }] });
}

/** A key names one thing to be done: in a batch, nobody could tell which. Queries do nothing, and ignore it. */
function assertKeyOfOneCall({ headers, method }: FastifyRequest, called: readonly string[]): void {
  if (called.length === 1 || method !== "POST" || headers["idempotency-key"] === undefined) return;
  throw new AppError("IDEMPOTENCY_KEY_INVALID", undefined);
}

/** As tRPC tells it. */
function isStream({ headers }: FastifyRequest): boolean {
  const accepted = headers["trpc-accept"] ?? headers.accept ?? "";
  return accepted.toString().includes("application/jsonl");
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
