import { type Endpoint, listEndpoints, type Problem, toProblem } from "@obsqra/contract";
import type { ApiContext } from "@obsqra/features";
import type { GraphqlContext, GraphqlRun, GraphqlService, ReadOperation } from "@obsqra/graphql";
import {
  acceptJsonOnly,
  callHeaders,
  callProcedure,
  endpointHeaders,
  type listProcedures,
  openSubscription,
  problemHeaders,
} from "@obsqra/openapi";
import {
  AppError,
  accessOf,
  countAddress,
  createResponseFacts,
  networkOf,
  type OpenSubscription,
  type ResponseFacts,
  type SharedBill,
  toAppError,
} from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findText, type PersistedOperations } from "./persisted-operations.ts";
import { type GraphqlRequest, readRequest } from "./read-request.ts";
import { registerGraphiql } from "./register-graphiql.ts";
import { sendEvents } from "./send-events.ts";
import { type GraphqlResponse, toErrorResponse, toResponse } from "./to-response.ts";

/** How GraphQL is served. */
export interface GraphqlRoute {
  readonly procedures: ReturnType<typeof listProcedures>;
  readonly createContext: (request: FastifyRequest, facts: ResponseFacts) => ApiContext;
  /** Whether it may be asked what there is to be asked for. */
  readonly allowsIntrospection: boolean;
  /** The only operations that are served. Undefined where any is. */
  readonly operations: PersistedOperations | undefined;
  /** Whether a browser gets GraphiQL. */
  readonly hasGraphiql: boolean;
}

/** A request that is served. */
interface Serving {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly facts: ResponseFacts;
  readonly ctx: ApiContext;
  readonly service: GraphqlService;
  readonly route: GraphqlRoute;
  /** What calls have ended with, also where that is a result. */
  readonly problems: Problem[];
}

const path = "/graphql";

/** What one operation may ask for. */
const limits = { tokens: 2_000, depth: 16, fields: 500, aliases: 20, calls: 20 };
/** Of all calls of an operation together, as of a batch over tRPC. */
const pointsMax = 100;
/** After so long, an operation of several queries is given up. */
const queryTimeoutMs = 30_000;

const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  listEndpoints().map(({ path: name, endpoint }) => [name, endpoint]),
);

/**
 * Serves GraphQL at `/graphql`, one operation a request, as GraphQL over HTTP says; subscriptions come as server-sent events. What a field
 * on top asks for is a call of its endpoint, with the access, limits and errors that it has over REST; all calls are paid for before the
 * first does anything. The library is loaded, and the schema made, with the first request: a start takes no longer, and a service that
 * nobody asks this way has nothing of it in memory.
 */
export async function registerGraphql(app: FastifyInstance, route: GraphqlRoute): Promise<void> {
  let loading: Promise<GraphqlService> | undefined;
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    if (route.hasGraphiql) registerGraphiql(scope);
    scope.post(path, async (request, reply) => {
      const facts = createResponseFacts();
      const ctx = route.createContext(request, facts);
      // Reading an operation takes a while, too: those of one network leave room for others.
      await ctx.callTurns.begin(networkOf(ctx.request.ip, 4));
      loading ??= load(route);
      return serve({ request, reply, facts, ctx, service: await loading, route, problems: [] });
    });
  });
}

async function load({ allowsIntrospection }: GraphqlRoute): Promise<GraphqlService> {
  const { createGraphqlService } = await import("@obsqra/graphql");
  return createGraphqlService({
    limits,
    allowsIntrospection,
    refuse: (issues) => new AppError("VALIDATION_FAILED", { issues: [...issues] }),
  });
}

async function serve(serving: Serving): Promise<FastifyReply> {
  const { request, ctx, service, route } = serving;
  let read: ReadOperation | undefined;
  let bill: SharedBill | undefined;
  try {
    const sent = readRequest(request.body);
    read = service.read(findText(sent, route.operations), sent.operationName ?? undefined);
    assertCalls(read, request);
    if (read.operation.operation === "subscription") assertTakesEvents(request);
    bill = billOf(read, ctx);
    await countAddress({ ...ctx, bill }, { path, weight: 1 });
    return await respond({ ...serving, ctx: { ...ctx, bill } }, read, sent);
  } catch (error) {
    // What was refused as it stands has cost nothing yet.
    const refused =
      bill === undefined ? await countAddress(ctx, { path, weight: 1 }).catch(itself) : undefined;
    return send(serving, toErrorResponse(refused ?? error, request), read);
  }
}

async function respond(serving: Serving, read: ReadOperation, sent: GraphqlRequest): Promise<FastifyReply> {
  const { service, request, reply, facts } = serving;
  const { operation } = read.operation;
  const run = { context: contextOf(serving), variables: sent.variables ?? undefined };
  if (operation !== "subscription") {
    // One call ends as it does over REST.
    const isLong = operation === "query" && listCalls(read).length > 1;
    const result = isLong ? runInTime(service, read, run) : service.run(read, run);
    return send(serving, toResponse(await result, request), read);
  }
  const opened = await service.open<OpenSubscription>(read, run);
  if (!("source" in opened)) return send(serving, toResponse(opened, request), read);
  return sendEvents(reply.headers(callHeaders(facts)), opened);
}

/** Nothing is lost by a query that ends before it has all. */
async function runInTime(service: GraphqlService, read: ReadOperation, run: GraphqlRun) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new AppError("SERVER_OVERLOADED", undefined)), queryTimeoutMs);
  try {
    return await service.run(read, { ...run, signal: late.signal });
  } finally {
    clearTimeout(timer);
  }
}

function contextOf({ request, ctx, route, problems }: Serving): GraphqlContext {
  const procedureOf = (endpoint: string) => {
    const procedure = route.procedures.get(endpoint);
    if (procedure === undefined) throw new Error(`The router has no procedure ${endpoint}.`);
    return procedure;
  };
  return {
    call: async (endpoint, input) => callProcedure(procedureOf(endpoint), { path: endpoint, ctx, input }),
    open: async (endpoint, input) => {
      const lastEventId = request.headers["last-event-id"];
      const opened = await openSubscription(procedureOf(endpoint), {
        path: endpoint,
        ctx,
        input,
        lastEventId,
      });
      // Read by its batches, which say that a stream is alive although nothing happens.
      return Object.assign(opened, { [Symbol.asyncIterator]: () => ({ next: unread }) });
    },
    toProblem: (thrown) => {
      const error = toAppError(thrown);
      const problem = toProblem(error, error.requestId ?? request.id);
      problems.push(problem);
      return problem;
    },
  };
}

function billOf({ cost }: ReadOperation, ctx: ApiContext): SharedBill {
  let [all, known] = [0, 0];
  for (const [name, times] of cost.shares) {
    const endpoint = endpoints.get(name);
    if (endpoint === undefined) continue;
    const points = (endpoint.weight ?? 1) * times;
    all += points;
    if (accessOf(endpoint, ctx) !== "public") known += points;
  }
  // What calls nothing, such as introspection, is a request all the same.
  return { all: Math.max(1, all), known, counted: new Map() };
}

/** @throws AppError VALIDATION_FAILED from whoever says that they take something, and no stream */
function assertTakesEvents({ headers }: FastifyRequest): void {
  const { accept = "*/*" } = headers;
  if (/text\/event-stream|text\/\*|\*\/\*/i.test(accept)) return;
  const message = "accept text/event-stream to follow a subscription";
  throw new AppError("VALIDATION_FAILED", { issues: [{ path: "query", message }] });
}

/** The endpoints that an operation calls, as often as it calls them. */
function listCalls({ cost }: ReadOperation): string[] {
  return [...cost.calls].flatMap(([name, times]) => Array<string>(times).fill(name));
}

/** @throws AppError VALIDATION_FAILED, IDEMPOTENCY_KEY_INVALID */
function assertCalls(read: ReadOperation, { headers }: FastifyRequest): void {
  const points = [...read.cost.shares].reduce(
    (sum, [name, times]) => sum + times * (endpoints.get(name)?.weight ?? 1),
    0,
  );
  if (points > pointsMax) {
    const message = `ask for at most ${pointsMax} points in one operation, not ${points}`;
    throw new AppError("VALIDATION_FAILED", { issues: [{ path: "query", message }] });
  }
  // A key names one thing to be done; queries do nothing, and ignore it.
  const changesMany = read.operation.operation === "mutation" && listCalls(read).length > 1;
  if (changesMany && headers["idempotency-key"] !== undefined) {
    throw new AppError("IDEMPOTENCY_KEY_INVALID", undefined);
  }
}

function send(
  { request, reply, facts, problems }: Serving,
  { status, body, error = problems[0] }: GraphqlResponse,
  read: ReadOperation | undefined,
): FastifyReply {
  const called = [...(read?.cost.calls.keys() ?? [])].map((name) => endpoints.get(name));
  const type = String(request.headers.accept).includes(graphqlMediaType)
    ? graphqlMediaType
    : "application/json";
  return reply
    .code(status)
    .headers({
      ...endpointHeaders(called.filter((endpoint) => endpoint !== undefined)),
      // What comes with POST nobody can ask for again by a tag.
      "cache-control": "no-store",
      ...callHeaders(facts),
      ...(error && problemHeaders(error)),
    })
    .type(`${type}; charset=utf-8`)
    .serializer(String)
    .send(JSON.stringify(body));
}

const graphqlMediaType = "application/graphql-response+json";

function itself(error: unknown): unknown {
  return error;
}

async function unread(): Promise<never> {
  throw new Error("A stream is read by its batches.");
}
