import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { bodyLimitBytes } from "@obsqra/openapi";
import { AppError, networkOf } from "@obsqra/platform";
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
  limitRequests(app, banned);
  makeRoom(app, limits.connections, isTrustedProxy);
  limitPerAddress(app, limits.connectionsPerAddress, { isTrustedProxy, banned });
  closeUsedConnections(app, limits.requestsPerConnection);
  app.addHook("onRequest", ({ socket, raw: { url = "" } }, _reply, done) => {
    // Whoever reset the connection before it was accepted has no address by which the call could be counted. Node remembers
    // that of everybody else, since `limitPerAddress` has asked for it.
    const isRefused = socket.remoteAddress === undefined || url.length > limits.urlBytes;
    done(isRefused ? new AppError("MALFORMED_REQUEST", undefined) : undefined);
  });
}

/** Addresses whose connections are closed at once, for a while. */
interface Bans {
  has(network: string): boolean;
  /** Closes a connection, and for some seconds each new one of its address; not of a trusted proxy, which has many callers. */
  cutOff(socket: Socket): void;
}

const banMs = 10_000;

function createBans(isTrustedProxy: (address: string) => boolean): Bans {
  /** In the milliseconds of `performance.now`. */
  const bannedUntil = new Map<string, number>();
  return {
    has: (network) => (bannedUntil.get(network) ?? 0) > performance.now(),
    cutOff(socket) {
      const { remoteAddress = "" } = socket;
      if (remoteAddress !== "" && !isTrustedProxy(remoteAddress)) {
        const now = performance.now();
        for (const [other, until] of bannedUntil) if (until <= now) bannedUntil.delete(other);
        bannedUntil.set(networkOf(remoteAddress, 4), now + banMs);
      }
      socket.destroy();
    },
  };
}

/** Requests of a connection that have no response yet. Clients send the next one after the response, or a few before (RFC 9112, 9.3.2). */
const unansweredMax = 8;
const closeListenersMax = 16;

/**
 * Cuts off who sends many requests without waiting for responses. Node begins all that it reads at once in one turn of the event loop,
 * some two thousand small ones, before anything could count them.
 */
function limitRequests(app: FastifyInstance, banned: Bans): void {
  const unanswered = new WeakMap<Socket, number>();
  const isCutOff = new WeakSet<Socket>();
  // Fastify has no hook before it makes its own request of what has come.
  const handlers = app.server.listeners("request") as RequestListener[];
  app.server.removeAllListeners("request");
  app.server.on("request", (request, response) => {
    const { socket } = request;
    if (isCutOff.has(socket)) return;
    const count = (unanswered.get(socket) ?? 0) + 1;
    if (count > unansweredMax) {
      isCutOff.add(socket);
      banned.cutOff(socket);
      return;
    }
    unanswered.set(socket, count);
    // Node warns of a leak from eleven on: so many have a reason to wait for the end of a response.
    response.setMaxListeners(closeListenersMax);
    response.once("close", () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    limitBody(request, response, banned);
    for (const handle of handlers) handle(request, response);
  });
}

/**
 * A byte of a body may have five of framing around it, in the largest bodies less. Below what a body of single bytes takes before it is
 * refused as too large, so that whoever sends one is cut off.
 */
const framedBytesMax = 4 * bodyLimitBytes;
/** How long somebody may go on sending a body after the response. */
const unreadMs = 500;

/**
 * Cuts off who sends a body of a few bytes in endless chunks, with endless extensions of chunks, or on and on where nobody reads it: no
 * limit of bodies counts these, and Node takes them also after the response.
 */
function limitBody(request: IncomingMessage, response: ServerResponse, banned: Bans): void {
  const { socket, headers } = request;
  const isShort = Number(headers["content-length"] ?? 0) <= framedBytesMax;
  if (isShort && headers["transfer-encoding"] === undefined) return;
  const before = socket.bytesRead;
  // Where Node hands each chunk over: a listener for data would begin to read, and lose what comes before whoever wants the body.
  const push = request.push.bind(request);
  request.push = (chunk, encoding) => {
    if (socket.bytesRead - before > framedBytesMax && !socket.destroyed) banned.cutOff(socket);
    return push(chunk, encoding);
  };
  // What comes after the response Node throws away itself. Whoever was refused has a moment to notice.
  response.once("close", () => {
    const timer = setTimeout(() => {
      if (request.complete || socket.destroyed) return;
      if (socket.bytesRead - before > framedBytesMax) banned.cutOff(socket);
      else socket.destroy();
    }, unreadMs);
    timer.unref();
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

/** From this share of all connections on, one that waits for a request is closed for each that comes. */
const crowdedShare = 0.9;

/**
 * Closes the connection that has waited longest for a request, where a new one comes and there are few left: however many addresses
 * somebody has, connections that ask for nothing keep nobody out. What is being received or answered goes on, and so do streams and
 * WebSockets, which have limits of their own.
 */
function makeRoom(app: FastifyInstance, max: number, isTrustedProxy: (address: string) => boolean): void {
  /** Those that wait for a request, or for the rest of its headers, in the order in which they began to. */
  const waiting = new Set<Socket>();
  let open = 0;
  app.server.on("connection", (socket: Socket) => {
    open += 1;
    socket.once("close", () => {
      open -= 1;
      waiting.delete(socket);
    });
    if (open > max * crowdedShare) {
      const [oldest] = waiting;
      oldest?.destroy();
    }
    // A proxy keeps connections for its next callers, and closes those that it has no use for.
    if (!isTrustedProxy(socket.remoteAddress ?? "")) waiting.add(socket);
  });
  // Before anything of Fastify's: bodies that come slowly are being received.
  app.server.prependListener("request", ({ socket }, response) => {
    waiting.delete(socket);
    response.once("close", () => {
      if (!socket.destroyed && !isTrustedProxy(socket.remoteAddress ?? "")) waiting.add(socket);
    });
  });
  app.server.prependListener("upgrade", ({ socket }) => void waiting.delete(socket));
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
