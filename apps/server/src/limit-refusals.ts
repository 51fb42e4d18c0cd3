import { AppError, type CallLimiter, createCallLimiter, type Logger, networkOf } from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { bytesPerPoint } from "./charge-bytes.ts";
import { healthPaths } from "./health.ts";
import { readRequestFacts } from "./request-facts.ts";

/** What limiting refusals uses. */
interface RefusalDependencies {
  /** Undefined where calls are not counted. */
  readonly callLimiter: CallLimiter | undefined;
  readonly clock: () => Date;
  readonly log: Logger;
}

/**
 * Counts requests that are refused before they reach a call, such as bodies that cannot be read and unknown paths, which no call's
 * limit counts: a point each, and one more for every 32 KiB that came. An address, or a /64 of IPv6, may have as many of them
 * as it has points for calls; beyond that all it sends gets 429 RATE_LIMITED before the body is read, until the window is over.
 *
 * Each process counts for itself, in memory: what costs so little to refuse may not cost a statement to count. Register it after
 * `chargeBytes`.
 */
export function limitRefusals(app: FastifyInstance, { callLimiter, clock, log }: RefusalDependencies): void {
  if (callLimiter === undefined) return;
  const { policies } = callLimiter;
  const refusals = createCallLimiter({ policies, clock, log });
  /** Until when, by address, in the milliseconds of `performance.now`. */
  const refusedUntil = new Map<string, number>();
  const refused = new WeakSet<FastifyRequest>();

  app.addHook("onRequest", (request, reply, done) => {
    const { ip } = readRequestFacts(request);
    if (ip === undefined || healthPaths.has(request.routeOptions.url)) return done();
    const network = networkOf(ip, 4);
    const leftMs = (refusedUntil.get(network) ?? 0) - performance.now();
    if (leftMs > 0) {
      refused.add(request);
      throw new AppError("RATE_LIMITED", {
        policy: policies.ip.name,
        retry_after_seconds: Math.ceil(leftMs / 1_000),
      });
    }
    const { socket } = request.raw;
    const readBefore = socket.bytesRead;
    reply.raw.once("close", () => {
      if (!isRefusal(request, reply.statusCode)) return;
      const points = 1 + Math.floor((socket.bytesRead - readBefore) / bytesPerPoint);
      void count(network, points);
    });
    done();
  });

  /** What the server itself cannot do, 503 say, is not the caller's doing. */
  function isRefusal(request: FastifyRequest, status: number): boolean {
    if (refused.has(request) || status < 400 || status >= 500) return false;
    return (request.facts?.paidBy.length ?? 0) === 0;
  }

  async function count(network: string, points: number): Promise<void> {
    const { state, isExceeded } = await refusals.count({ policy: policies.ip, key: network }, points);
    if (!isExceeded) return;
    const now = performance.now();
    for (const [other, until] of refusedUntil) if (until <= now) refusedUntil.delete(other);
    refusedUntil.set(network, now + state.reset_seconds * 1_000);
  }
}
