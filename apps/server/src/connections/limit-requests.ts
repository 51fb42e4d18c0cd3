import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { bodyLimitBytes } from "@obsqra/openapi";
import { networkOf } from "@obsqra/platform";
import type { FastifyInstance } from "fastify";
import type { ServerLimits } from "../server-limits.ts";
import type { Bans } from "./bans.ts";
import { createRates, type Rates } from "./request-rates.ts";

/** Requests of a connection that have no response yet. Clients send the next one after the response, or a few before (RFC 9112, 9.3.2). */
const unansweredMax = 8;
const closeListenersMax = 16;

interface RequestLimits extends Pick<ServerLimits, "requestsPerSecondOfAddress"> {
  readonly isTrustedProxy: (address: string) => boolean;
  readonly banned: Bans;
}

/**
 * Cuts off who sends many requests without waiting for responses, or more within a second than one address may, whatever they ask for:
 * pages, health and refusals cost no points. Node begins all that it reads at once in one turn of the event loop, some two thousand small
 * ones, before anything else could count them.
 */
export function limitRequests(
  app: FastifyInstance,
  { isTrustedProxy, banned, requestsPerSecondOfAddress }: RequestLimits,
): void {
  const unanswered = new WeakMap<Socket, number>();
  const isCutOff = new WeakSet<Socket>();
  const rates = createRates(requestsPerSecondOfAddress, () => performance.now());
  const isTooFast = createRateCheck(app, { isTrustedProxy, banned, rates });
  // Fastify has no hook before it makes its own request of what has come.
  const handlers = app.server.listeners("request") as RequestListener[];
  app.server.removeAllListeners("request");
  app.server.on("request", (request, response) => {
    const { socket } = request;
    if (isCutOff.has(socket)) return;
    const count = (unanswered.get(socket) ?? 0) + 1;
    if (count > unansweredMax || isTooFast(socket)) {
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

/** How often the log may say that somebody sends too many requests. */
const warnEveryMs = 60_000;

function createRateCheck(
  app: FastifyInstance,
  {
    isTrustedProxy,
    banned,
    rates,
  }: Pick<RequestLimits, "isTrustedProxy" | "banned"> & { readonly rates: Rates },
): (socket: Socket) => boolean {
  /** By connection, since it does not change; undefined for a trusted proxy. */
  const networks = new WeakMap<Socket, { readonly name: string | undefined }>();
  let warnedAt = Number.NEGATIVE_INFINITY;

  function networkOfSocket(socket: Socket): string | undefined {
    const { remoteAddress = "" } = socket;
    const known = networks.get(socket) ?? {
      name: isTrustedProxy(remoteAddress) ? undefined : networkOf(remoteAddress, 4),
    };
    networks.set(socket, known);
    return known.name;
  }

  return (socket) => {
    const network = networkOfSocket(socket);
    if (network === undefined) return false;
    // Of one that is closed to new connections, the others are as much in the way.
    if (banned.has(network)) return true;
    if (!rates.isExceeded(network)) return false;
    if (performance.now() - warnedAt >= warnEveryMs) {
      warnedAt = performance.now();
      app.log.warn(
        { network },
        "An address sends more requests than one may; it is cut off for a while. If it is your proxy, name it in TRUSTED_PROXIES.",
      );
    }
    return true;
  };
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
