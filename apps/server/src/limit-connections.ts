import type { Server } from "node:http";
import type { Socket } from "node:net";
import { AppError } from "@obsqra/platform";
import type { FastifyHttpOptions, FastifyInstance } from "fastify";
import type { ServerLimits } from "./server-limits.ts";

/**
 * Spread into `fastify({...})`: Node cuts off whoever is too slow or sends too much, and the handlers of
 * `@obsqra/openapi` respond on the bare connection.
 */
export function connectionOptions(limits: ServerLimits) {
  return {
    http: {
      maxHeaderSize: limits.headersBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
    },
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.silenceTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
  } satisfies FastifyHttpOptions<Server>;
}

/** Keeps to the limits that Fastify has no options for. */
export function limitConnections(app: FastifyInstance, limits: ServerLimits): void {
  app.server.maxConnections = limits.connections;
  closeUsedConnections(app, limits.requestsPerConnection);
  app.addHook("onRequest", async ({ socket, raw: { url = "" } }) => {
    // Whoever resets a connection right after a request no longer has an address by which the call could be counted.
    if (socket.remoteAddress === undefined) throw new AppError("MALFORMED_REQUEST", undefined);
    if (url.length > limits.urlBytes) throw new AppError("MALFORMED_REQUEST", undefined);
  });
}

/**
 * Ends a connection with its last response, so that clients of many requests spread over servers. Node's own
 * `maxRequestsPerSocket` leaves it open, and gives the next request an empty 503.
 */
function closeUsedConnections(app: FastifyInstance, requestsMax: number): void {
  const requests = new WeakMap<Socket, number>();
  app.addHook("onRequest", async ({ socket }, reply) => {
    const count = (requests.get(socket) ?? 0) + 1;
    requests.set(socket, count);
    if (count >= requestsMax) reply.header("connection", "close");
  });
}
