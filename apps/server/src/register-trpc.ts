import { listEndpoints } from "@obsqra/contract";
import { type ApiContext, appRouter } from "@obsqra/features";
import { acceptJsonOnly, problemHeaders, readJsonText, responseHeaders, revalidate } from "@obsqra/openapi";
import { AppError, createResponseFacts, noteAddress, type ResponseFacts, toAppError } from "@obsqra/platform";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyInstance, FastifyRequest } from "fastify";

const batchSizeMax = 20;
/** Of all calls of a batch together. Their responses are written at once, however large they are. */
const batchPointsMax = 100;

const endpoints = new Map(listEndpoints().map(({ path, endpoint }) => [path, endpoint] as const));

/**
 * Serves the procedures as tRPC at `/trpc`. Bodies are read under the same rules as REST's; tRPC's own plugin would also
 * take forms, without a limit. What is refused before any procedure is called gets a problem document, as on REST.
 */
export async function registerTrpc(
  app: FastifyInstance,
  createContext: (request: FastifyRequest, facts: ResponseFacts) => ApiContext,
): Promise<void> {
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    scope.addHook("onSend", revalidate);
    scope.route<{ Params: { path: string } }>({
      method: ["GET", "POST"],
      url: "/trpc/:path",
      // tRPC does not know HEAD.
      exposeHeadRoute: false,
      handler: async (req, res) => {
        const { path } = req.params;
        const called = path.split(",");
        assertBatchSize(called);
        assertKeyOfOneCall(req, called);
        assertQuery(req);
        // The adapter would take a text for JSON that nobody has read yet.
        if (typeof req.body === "string") req.body = JSON.stringify(req.body);
        // And it would refuse a mutation without a body, unless JSON is announced.
        if (req.body === undefined) req.raw.headers["content-type"] = "application/json";
        const facts = createResponseFacts();
        // A stream's headers are sent before its calls are counted.
        if (isStream(req)) await noteAddress(createContext(req, facts));
        await fastifyRequestHandler({
          router: appRouter,
          req,
          res,
          path,
          createContext: () => createContext(req, facts),
          responseMeta: ({ errors: [error] }) => ({
            headers: {
              ...responseHeaders(facts, called.map((name) => endpoints.get(name)).filter(isDefined)),
              ...(error && problemHeaders(toAppError(error))),
            },
          }),
          onError: ({ ctx, error }) => {
            if (ctx === undefined) throw error;
          },
        });
      },
    });
  });
}

/** tRPC joins the names of a batch's calls with commas. */
function assertBatchSize(called: readonly string[]): void {
  const message = findBatchFault(called);
  if (message === undefined) return;
  throw new AppError("VALIDATION_FAILED", { issues: [{ path: "batch", message }] });
}

function findBatchFault(called: readonly string[]): string | undefined {
  if (called.length > batchSizeMax) return `send at most ${batchSizeMax} calls in one batch`;
  const points = called.reduce((sum, path) => sum + (endpoints.get(path)?.weight ?? 1), 0);
  // A single call is no batch, whatever it costs.
  if (called.length === 1 || points <= batchPointsMax) return undefined;
  return `send calls of at most ${batchPointsMax} points in one batch, not ${points}`;
}

/** A key names one thing to be done: in a batch, nobody could tell which. Queries do nothing, and ignore it. */
function assertKeyOfOneCall({ headers, method }: FastifyRequest, called: readonly string[]): void {
  if (called.length === 1 || method !== "POST" || headers["idempotency-key"] === undefined) return;
  throw new AppError("IDEMPOTENCY_KEY_INVALID", undefined);
}

/**
 * The adapter reads the input of queries itself, after this. Of several it takes the first, and whatever `JSON.parse` makes of it.
 *
 * @throws AppError MALFORMED_REQUEST, MALFORMED_JSON, JSON_AMBIGUOUS
 */
function assertQuery({ method, url }: FastifyRequest): void {
  const start = url.indexOf("?");
  if (start === -1) return;
  const query = new URLSearchParams(url.slice(start));
  const inputs = query.getAll("input");
  if (inputs.length > 1 || query.getAll("batch").length > 1)
    throw new AppError("MALFORMED_REQUEST", undefined);
  const [input = ""] = inputs;
  if (method === "GET" && input !== "") readJsonText(input);
}

/** As tRPC tells it. */
function isStream({ headers }: FastifyRequest): boolean {
  const accepted = headers["trpc-accept"] ?? headers.accept ?? "";
  return accepted.toString().includes("application/jsonl");
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
