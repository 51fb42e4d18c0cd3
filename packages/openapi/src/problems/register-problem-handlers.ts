import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { AppError } from "@obsqra/api";
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { answerError, answerProblem } from "./answer-problem.ts";
import { answerUnreadableRequest } from "./answer-unreadable-request.ts";
import { createKnownRoutes } from "./known-routes.ts";
import { expectAnswer } from "./pending-answers.ts";

/**
 * Spread into `fastify({...})`: makes the errors that come before routing, such as a URL that cannot be decoded, and
 * those that come before there is a request at all, such as headers without an end, answer like all others. Fastify
 * takes these handlers at creation only.
 */
export const problemServerOptions = {
  frameworkErrors: (error, request, reply) => {
    answerError(error, request, reply);
  },
  clientErrorHandler: answerUnreadableRequest,
  // Node would answer a request without a host itself, with an empty body; `registerProblemHandlers` refuses it.
  http: { requireHostHeader: false },
} satisfies Pick<FastifyHttpOptions<Server>, "frameworkErrors" | "clientErrorHandler" | "http">;

/**
 * Makes everything that Fastify itself rejects answer as `application/problem+json`: unreadable or too large bodies,
 * other content types, unknown paths, wrong methods (with `Allow`), and any error nobody expected. Puts `x-request-id`
 * on every answer. Call it before any route is registered.
 */
export function registerProblemHandlers(app: FastifyInstance): void {
  const knownRoutes = createKnownRoutes();
  app.addHook("onRoute", knownRoutes.add);
  app.addHook("onRequest", async (request, reply) => {
    expectAnswer(request.raw, reply.raw);
    reply.header("x-request-id", request.id);
    assertHost(request);
  });
  answerWhateverIsExpected(app);
  app.setNotFoundHandler(answerNotFound);
  app.setErrorHandler((error, request, reply) =>
    // A body that cannot be read matters less than that there is nothing to send it to.
    request.is404 ? answerNotFound(request, reply) : answerError(error, request, reply),
  );

  function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const allowed = knownRoutes.allowedMethods(pathOf(request));
    if (allowed.length === 0 || allowed.includes(request.method)) {
      return answerProblem(new AppError("ROUTE_NOT_FOUND", undefined), request, reply);
    }
    reply.header("allow", allowed.join(", "));
    // Whoever can GET can HEAD; naming it would only make the sentence longer.
    const named = allowed.filter((method) => method !== "HEAD");
    return answerProblem(new AppError("METHOD_NOT_ALLOWED", { allowed: named }), request, reply);
  }
}

/** RFC 9112, 3.2: a request says once which host it is for; before HTTP/1.1 it need not. Node would take the first of two. */
function assertHost({ raw }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter(
    (text, index) => index % 2 === 0 && text.toLowerCase() === "host",
  ).length;
  const isNamed = hosts === 1 || (hosts === 0 && raw.httpVersion === "1.0");
  if (!isNamed) throw new AppError("MALFORMED_REQUEST", undefined);
}

/** Node would answer an `Expect` that it does not know with an empty 417; RFC 9110, 10.1.1 lets it be ignored. */
function answerWhateverIsExpected({ server }: FastifyInstance): void {
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    server.emit("request", request, response);
  });
}

function pathOf(request: FastifyRequest): string {
  const [path = ""] = request.url.split("?", 1);
  return path;
}
