import { problemMediaType, toProblem } from "@obsqra/contract";
import { AppError, toTrpcRefusal } from "@obsqra/platform";
import { TRPCError } from "@trpc/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { fromFastifyError } from "./from-fastify-error.ts";
import { problemHeaders } from "./problem-headers.ts";

/** Where tRPC is served. */
const trpcPath = "/trpc/";

/** Sends a catalogued error: as a problem, and to whoever calls over tRPC in its envelope, which is all that links read. */
export function sendProblem(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, error.requestId ?? request.id);
  const isTrpc = request.url.startsWith(trpcPath);
  return reply
    .code(problem.status)
    .headers({ "x-request-id": request.id, "cache-control": "no-store", ...problemHeaders(error) })
    .type(isTrpc ? "application/json" : problemMediaType)
    .send(JSON.stringify(isTrpc ? toTrpcRefusal(error, request.id) : problem));
}

/** Sends the catalogued error behind anything that was thrown; logs what the API has not logged itself. */
export function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = fromFastifyError(thrown);
  const isLogged = thrown instanceof TRPCError && thrown.cause instanceof AppError;
  const isOurs = error.code === "INTERNAL_ERROR" || error.code === "DATABASE_UNAVAILABLE";
  if (isOurs && !isLogged) request.log.error({ err: thrown, request_id: request.id }, error.message);
  return sendProblem(error, request, reply);
}
