import underPressure from "@fastify/under-pressure";
import { AppError } from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { healthPaths } from "./health.ts";
import type { ServerLimits } from "./server-limits.ts";

/**
 * Refuses with 503 SERVER_OVERLOADED, before the body is read, while there is more work than the server can do: so that
 * what it has begun is done in time, and whoever is refused knows at once.
 */
export async function shedLoad(app: FastifyInstance, limits: ServerLimits): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: limits.eventLoopDelayMs,
    sampleInterval: limits.eventLoopSampleMs,
    pressureHandler: async (request, _reply, _type, delayMs) => {
      // Infinite is what it makes of a sample without a measurement, as after one long block; that says nothing.
      if (Number.isFinite(delayMs)) refuse(request);
    },
  });
  const workedOn = new Set<FastifyRequest>();
  app.addHook("onRequest", (request, _reply, done) => {
    if (workedOn.size >= limits.requestsInFlight) refuse(request);
    done();
  });
  // Not counted before the body is there: otherwise a few slow senders would keep everybody else out.
  app.addHook("preHandler", (request, reply, done) => {
    if (workedOn.size >= limits.requestsInFlight) refuse(request);
    workedOn.add(request);
    reply.raw.once("close", () => workedOn.delete(request));
    done();
  });
  // Nor once the response is there, or slow readers would. What is streamed is still being made.
  app.addHook("onSend", (request, _reply, payload, done) => {
    const isStreamed = payload instanceof Response && payload.headers.has("transfer-encoding");
    if (!isStreamed) workedOn.delete(request);
    done();
  });
}

function refuse(request: FastifyRequest): void {
  if (!healthPaths.has(request.routeOptions.url)) throw new AppError("SERVER_OVERLOADED", undefined);
}
