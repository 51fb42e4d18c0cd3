import { monitorEventLoopDelay } from "node:perf_hooks";
import { AppError } from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { healthPaths } from "./health.ts";
import type { ServerLimits } from "./server-limits.ts";

/**
 * Refuses with 503 SERVER_OVERLOADED, before the body is read, while there is more work than the server can do: so that
 * what it has begun is done in time, and whoever is refused knows at once.
 */
export function shedLoad(app: FastifyInstance, limits: ServerLimits): void {
  const isLate = watchEventLoop(app, limits);
  app.addHook("onRequest", (request, _reply, done) => {
    if (isLate()) refuse(request);
    done();
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

/** Each look at the loop wakes the process, also where nothing happens. */
const looksPerSample = 10;

/** Watches how late the event loop is. @returns whether it was too late, on average, in the time before */
function watchEventLoop(
  app: FastifyInstance,
  { eventLoopDelayMs, eventLoopSampleMs }: Pick<ServerLimits, "eventLoopDelayMs" | "eventLoopSampleMs">,
): () => boolean {
  const lookMs = eventLoopSampleMs / looksPerSample;
  const looks = monitorEventLoopDelay({ resolution: lookMs });
  looks.enable();
  let delayMs = 0;
  const timer = setInterval(() => {
    const meanMs = looks.mean / 1e6 - lookMs;
    // A sample without a look, as after one long block, says nothing.
    delayMs = Number.isFinite(meanMs) ? meanMs : 0;
    looks.reset();
  }, eventLoopSampleMs).unref();
  app.addHook("onClose", async () => {
    clearInterval(timer);
    looks.disable();
  });
  return () => delayMs > eventLoopDelayMs;
}

function refuse(request: FastifyRequest): void {
  if (!healthPaths.has(request.routeOptions.url)) throw new AppError("SERVER_OVERLOADED", undefined);
}
