import type { Socket } from "node:net";
import type { CallLimiter, ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Of the calls that it has made. */
    facts: ResponseFacts | undefined;
  }
}

/** As many bytes as a call may take, sent and received together, before they count. */
export const bytesPerPoint = 32 * 1024;

/**
 * Counts a point more for every 32 KiB that a request and its response take, once they are known: after the response.
 * So large answers are paid for by whoever asks for them, and small ones cost nothing to count.
 *
 * @returns what tells which calls a request has made
 */
export function chargeBytes(
  app: FastifyInstance,
  callLimiter: CallLimiter | undefined,
): (request: FastifyRequest, facts: ResponseFacts) => void {
  app.decorateRequest("facts", undefined);
  if (callLimiter !== undefined) {
    /** What has been counted of each connection; requests follow each other on it. */
    const counted = new WeakMap<Socket, number>();
    app.addHook("onRequest", (request, reply, done) => {
      const { socket } = request.raw;
      reply.raw.once("close", () => {
        const bytes = socket.bytesRead + socket.bytesWritten;
        const points = Math.floor((bytes - (counted.get(socket) ?? 0)) / bytesPerPoint);
        counted.set(socket, bytes);
        if (points === 0) return;
        for (const counter of request.facts?.paidBy ?? []) void callLimiter.count(counter, points);
      });
      done();
    });
  }
  return (request, facts) => {
    request.facts = facts;
  };
}
