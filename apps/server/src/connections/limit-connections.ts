import type { Server } from "node:http";
import type { Socket } from "node:net";
import { AppError, networkOf } from "@obsqra/platform";
import type { FastifyHttpOptions, FastifyInstance } from "fastify";
import type { ServerLimits } from "../server-limits.ts";
import { type Bans, createBans } from "./bans.ts";
import { limitRequests } from "./limit-requests.ts";
import { makeRoom } from "./make-room.ts";

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

/**
 * Keeps to the limits that Fastify has no options for.
 *
 * @param isTrustedProxy whether an address is that of a proxy, whose connections are those of many callers
 */
export function limitConnections(
  app: FastifyInstance,
  limits: ServerLimits,
  isTrustedProxy: (address: string) => boolean,
): void {
  app.server.maxConnections = limits.connections;
  const banned = createBans(isTrustedProxy);
  limitRequests(app, { ...limits, isTrustedProxy, banned });
  makeRoom(app, limits, { isTrustedProxy, banned });
  limitPerAddress(app, limits.connectionsPerAddress, { isTrustedProxy, banned });
  closeUsedConnections(app, limits.requestsPerConnection);
  app.addHook("onRequest", ({ socket, raw: { url = "" } }, _reply, done) => {
    // Whoever reset the connection before it was accepted has no address by which the call could be counted. Node remembers
    // that of everybody else, since `limitPerAddress` has asked for it.
    const isRefused = socket.remoteAddress === undefined || url.length > limits.urlBytes;
    done(isRefused ? new AppError("MALFORMED_REQUEST", undefined) : undefined);
  });
}

/** How often the log may say that somebody has reached the limit. */
const warnEveryMs = 60_000;

/**
 * Closes connections beyond what one address may hold, whatever they do: idle ones, half requests and slow readers would
 * otherwise take all that there are from everybody else.
 */
function limitPerAddress(
  app: FastifyInstance,
  max: number,
  {
    isTrustedProxy,
    banned,
  }: { readonly isTrustedProxy: (address: string) => boolean; readonly banned: Bans },
): void {
  const held = new Map<string, number>();
  let warnedAt = Number.NEGATIVE_INFINITY;
  app.server.on("connection", (socket: Socket) => {
    const { remoteAddress = "" } = socket;
    if (isTrustedProxy(remoteAddress)) return;
    const network = networkOf(remoteAddress, 4);
    if (banned.has(network)) return void socket.destroy();
    const count = held.get(network) ?? 0;
    if (count >= max) {
      socket.destroy();
      if (performance.now() - warnedAt < warnEveryMs) return;
      warnedAt = performance.now();
      app.log.warn(
        { network, connections: max },
        "An address has as many connections as one may have; further ones are closed. If it is your proxy, name it in TRUSTED_PROXIES.",
      );
      return;
    }
    held.set(network, count + 1);
    socket.once("close", () => {
      const left = (held.get(network) ?? 1) - 1;
      if (left === 0) held.delete(network);
      else held.set(network, left);
    });
  });
}

/**
 * Ends a connection with its last response, so that clients of many requests spread over servers. Node's own
 * `maxRequestsPerSocket` leaves it open, and gives the next request an empty 503.
 */
function closeUsedConnections(app: FastifyInstance, requestsMax: number): void {
  const requests = new WeakMap<Socket, number>();
  app.addHook("onRequest", ({ socket }, reply, done) => {
    const count = (requests.get(socket) ?? 0) + 1;
    requests.set(socket, count);
    if (count >= requestsMax) reply.header("connection", "close");
    done();
  });
}
