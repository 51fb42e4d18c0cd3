import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import type { ServerLimits } from "../server-limits.ts";
import type { Bans } from "./bans.ts";

/** From this share of all connections on, one makes room for each that comes. */
const crowdedShare = 0.9;

/** The newest request of a connection that has no response yet. */
interface Asking {
  readonly request: IncomingMessage;
  /** In the milliseconds of `performance.now`. */
  readonly since: number;
  readonly unanswered: number;
}

/**
 * Closes a connection where a new one comes and there are few left: the one that has waited longest for a request, and where none
 * waits, the one whose request has taken longest to come. However many addresses somebody has, connections that ask for nothing keep
 * nobody out. What is being answered goes on, and so do streams and WebSockets, which have limits of their own.
 *
 * Cuts off who sends bytes that never become a request, such as empty lines (RFC 9112, 2.2): Node drops them without a word.
 */
export function makeRoom(
  app: FastifyInstance,
  {
    connections,
    headersBytes,
    timeoutCheckMs,
    bodyGraceMs,
  }: Pick<ServerLimits, "connections" | "headersBytes" | "timeoutCheckMs" | "bodyGraceMs">,
  {
    isTrustedProxy,
    banned,
  }: { readonly isTrustedProxy: (address: string) => boolean; readonly banned: Bans },
): void {
  /** Those that wait for a request, or for the rest of its headers, in the order in which they began to, with the bytes that had come. */
  const waiting = new Map<Socket, number>();
  /** Those that have asked, in the order in which they did. */
  const asking = new Map<Socket, Asking>();
  let open = 0;

  function beginToWait(socket: Socket): void {
    // A proxy keeps connections for its next callers, and closes those that it has no use for.
    if (!isTrustedProxy(socket.remoteAddress ?? "")) waiting.set(socket, socket.bytesRead);
  }

  function findLeastUseful(): Socket | undefined {
    const [longestWaiting] = waiting.keys();
    if (longestWaiting !== undefined) return longestWaiting;
    const now = performance.now();
    for (const [socket, { request, since }] of asking) {
      if (now - since < bodyGraceMs) return undefined;
      if (!request.complete && !isTrustedProxy(socket.remoteAddress ?? "")) return socket;
    }
    return undefined;
  }

  app.server.on("connection", (socket: Socket) => {
    open += 1;
    socket.once("close", () => {
      open -= 1;
      waiting.delete(socket);
      asking.delete(socket);
    });
    if (open > connections * crowdedShare) findLeastUseful()?.destroy();
    beginToWait(socket);
  });
  // Before anything of Fastify's: bodies that come slowly are being received.
  app.server.prependListener("request", (request, response) => {
    const { socket } = request;
    waiting.delete(socket);
    const unanswered = (asking.get(socket)?.unanswered ?? 0) + 1;
    asking.delete(socket);
    asking.set(socket, { request, since: performance.now(), unanswered });
    response.once("close", () => {
      const last = asking.get(socket);
      if (last === undefined) return;
      if (last.unanswered > 1) return void asking.set(socket, { ...last, unanswered: last.unanswered - 1 });
      asking.delete(socket);
      if (!socket.destroyed) beginToWait(socket);
    });
  });
  app.server.prependListener("upgrade", ({ socket }) => void waiting.delete(socket));

  const timer = setInterval(() => {
    for (const [socket, before] of waiting) {
      // Its headers, and what Node had read beyond the request before.
      if (socket.bytesRead - before > 2 * headersBytes) banned.cutOff(socket);
    }
  }, timeoutCheckMs);
  timer.unref();
  app.addHook("onClose", async () => clearInterval(timer));
}
