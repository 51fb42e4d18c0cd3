import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { AppError } from "@obsqra/platform";
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { assertWellFormed } from "./assert-well-formed.ts";
import { createKnownRoutes } from "./known-routes.ts";
import { expectResponse } from "./pending-responses.ts";
import { sendError, sendProblem } from "./send-problem.ts";
import { refuseUnreadableRequest } from "./unreadable-request.ts";

/**
 * Spread into `fastify({...})`. Errors before routing, such as a URL that cannot be decoded, and errors before there is a
 * request at all, such as headers without an end, then become problems like all others. Fastify takes these handlers at
 * creation only.
 */
export const problemServerOptions = {
  frameworkErrors: (error, request, reply) => {
    sendError(error, request, reply);
  },
  clientErrorHandler: refuseUnreadableRequest,
  // Node would refuse a request without a host itself, with an empty body; `registerProblemHandlers` refuses it instead.
  http: { requireHostHeader: false },
} satisfies Pick<FastifyHttpOptions<Server>, "frameworkErrors" | "clientErrorHandler" | "http">;

/**
 * Sends everything that Fastify itself rejects as `application/problem+json`, or in tRPC's envelope: unreadable or too large bodies, other
 * content types, unknown paths, wrong methods (with `Allow`), and any error nobody expected. Puts `x-request-id` on every
 * response. Call it before any route is registered.
 *
 * @param sendPage sends a page to a browser that asks for a path that there is not, if it has one
 */
export function registerProblemHandlers(
  app: FastifyInstance,
  sendPage?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined,
): void {
  const knownRoutes = createKnownRoutes();
  app.addHook("onRoute", knownRoutes.add);
  // With callbacks, as all hooks that every request goes through: a promise of each would cost more than what they do.
  app.addHook("onRequest", (request, reply, done) => {
    expectResponse(request.raw, reply.raw);
    reply.header("x-request-id", request.id);
    assertWellFormed(request.raw);
    done();
  });
  ignoreExpectations(app);
  app.setNotFoundHandler(sendNotFound);
  app.setErrorHandler((error, request, reply) =>
    // Where there is no such path, it does not matter that the body cannot be read.
    request.is404 && !isTooMuch(error) ? sendNotFound(request, reply) : sendError(error, request, reply),
  );

  function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const allowed = knownRoutes.allowedMethods(pathOf(request));
    if (allowed.length === 0 || allowed.includes(request.method)) {
      const page = isRead(request) ? sendPage?.(request, reply.code(404)) : undefined;
      return page ?? sendProblem(new AppError("ROUTE_NOT_FOUND", undefined), request, reply);
    }
    reply.header("allow", allowed.join(", "));
    // Whoever can GET can HEAD; naming it would only make the sentence longer.
    const named = allowed.filter((method) => method !== "HEAD");
    return sendProblem(new AppError("METHOD_NOT_ALLOWED", { allowed: named }), request, reply);
  }
}

function isRead({ method }: FastifyRequest): boolean {
  return method === "GET" || method === "HEAD";
}

/** Whether a request is refused whatever it asks for, because there are too many. */
function isTooMuch(error: unknown): boolean {
  return error instanceof AppError && (error.code === "RATE_LIMITED" || error.code === "SERVER_OVERLOADED");
}

/** Node would refuse an `Expect` that it does not know with an empty 417; RFC 9110, 10.1.1 lets it be ignored. */
function ignoreExpectations({ server }: FastifyInstance): void {
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    server.emit("request", request, response);
  });
}

function pathOf(request: FastifyRequest): string {
  const [path = ""] = request.url.split("?", 1);
  return path;
}
