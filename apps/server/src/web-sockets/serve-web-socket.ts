import { setTimeout } from "node:timers/promises";
import { spreadById } from "@obsqra/openapi";
import { createResponseFacts, networkOf, type ResponseFacts } from "@obsqra/platform";
import type { FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { readBearerToken, readRequestFacts } from "../request-facts.ts";
import type { ServerLimits } from "../server-limits.ts";
import { keepAlive } from "./keep-alive.ts";
import type { WebSocketParts } from "./register-web-sockets.ts";
import { serveCalls } from "./serve-calls.ts";
import { createSocketWriter } from "./socket-writer.ts";
import { createMessageCharge, takeMessagesInTurn } from "./take-messages.ts";

/** An open WebSocket. */
export interface Connection {
  /** Has the other end go on with another connection, and waits until this one is closed. */
  leave(): Promise<void>;
}

interface ServingParts extends WebSocketParts {
  /** By whom bytes are paid for until somebody has called. */
  readonly paidBy: ResponseFacts["paidBy"];
}

/** Codes of RFC 6455, 7.4.1, and of its registry. */
const closeCodes = { policyViolation: 1008, serviceRestart: 1012 } as const;

/** For breaking the protocol, or a limit of it: no client does, and whoever goes on connecting for it is soon refused. */
const faultPoints = 100;

/**
 * Serves one WebSocket. Who is asking is said once for all of its subscriptions: in the parameters that `wsLink` sends first, or in the
 * header of programs that can send one. Neither stands in a URL.
 */
export function serveWebSocket(
  webSocket: WebSocket,
  request: FastifyRequest,
  { limits, createContext, callLimiter, paidBy }: ServingParts,
): Connection {
  const { socket } = request.raw;
  const leave = createLeave(webSocket, request.id, limits);
  const facts = { ...createResponseFacts(), paidBy };
  const countFrame = limitFrames(webSocket, limits.webSocketMessagesPerMinute);
  const noteError = (err: unknown) => {
    // One message may hold many calls, and an error takes more work than what it is about.
    countFrame();
    // The pipeline has logged what is wrong here; the rest is what the other end has sent, or a connection that broke.
    request.log.debug({ err }, "Something that came over a WebSocket failed.");
  };
  const calls = serveCalls(request.raw, {
    writer: createSocketWriter(webSocket, socket),
    createContext: ({ authorization, "obsqra-owner": owner }) => {
      const ctx = createContext(request, facts);
      const sent = readRequestFacts(request);
      const access_token = readBearerToken(authorization) ?? sent.access_token;
      const said = { ...sent, access_token, owner: owner ?? sent.owner };
      return { ...ctx, request: { ...said, takes_subscriptions_only: true } };
    },
    onError: noteError,
    handOver: () => void leave(),
    refuse: () => setImmediate(() => webSocket.close()),
    onFault: (err) => {
      request.log.error({ err }, "A call over a WebSocket could not be responded to.");
      webSocket.terminate();
    },
  });
  const charge = createMessageCharge({ socket, facts, callLimiter });
  webSocket.on("error", (err) => {
    noteError(err);
    // What follows a frame that is none, or too long, would be read until the connection is closed: ws begins to in the next tick, and
    // Node reads megabytes in a turn of the loop.
    process.nextTick(() => socket.pause());
    void charge(faultPoints);
  });
  webSocket.once("close", () => {
    calls.end();
    void charge(0);
  });
  keepAlive(webSocket, limits);
  const { callTurns } = createContext(request, createResponseFacts());
  const network = networkOf(readRequestFacts(request).ip, 4);
  takeMessagesInTurn(webSocket, {
    mayBeRead: async () => {
      const isPaid = await charge(1);
      if (!isPaid) cutOff(webSocket, "No points are left.");
      else await callTurns.begin(network);
      return isPaid;
    },
    read: ({ data, isBinary }) => calls.take(isBinary ? undefined : String(data)),
  });
  return { leave };
}

/**
 * Tells the other end to connect again, as `wsLink` understands, which goes on there after the last event of each subscription and
 * then closes this connection. Who does not is cut off a moment later.
 */
function createLeave(
  webSocket: WebSocket,
  requestId: string,
  { webSocketHandOverMs }: ServerLimits,
): () => Promise<void> {
  let leaving: Promise<void> | undefined;
  async function leave(): Promise<void> {
    const closed = new AbortController();
    webSocket.once("close", () => closed.abort());
    const pause = (milliseconds: number) =>
      setTimeout(milliseconds, undefined, { signal: closed.signal }).catch(() => {});
    await pause(spreadById(requestId) * webSocketHandOverMs);
    if (webSocket.readyState === webSocket.OPEN) webSocket.send('{"id":null,"method":"reconnect"}');
    await pause(webSocketHandOverMs);
    if (closed.signal.aborted) return;
    webSocket.close(closeCodes.serviceRestart, "Connect again, and go on after the last event.");
    await pause(webSocketHandOverMs);
    webSocket.terminate();
  }
  return () => {
    if (webSocket.readyState === webSocket.CLOSED) return Promise.resolve();
    leaving ??= leave();
    return leaving;
  };
}

/**
 * Ends a connection on which too much comes within a minute: messages, pings and pongs. What a subscription costs is counted where it is
 * opened; this is for all that costs nothing there.
 *
 * @returns counts one more
 */
function limitFrames(webSocket: WebSocket, perMinute: number): () => void {
  let minuteBegan = performance.now();
  let frames = 0;
  function count(): void {
    // Something has closed it already: what comes still is not read.
    if (webSocket.readyState !== webSocket.OPEN) {
      dropRest(webSocket);
      return;
    }
    if (performance.now() - minuteBegan >= 60_000) {
      minuteBegan = performance.now();
      frames = 0;
    }
    frames += 1;
    if (frames === perMinute + 1) cutOff(webSocket, "Too many messages within a minute.");
  }
  for (const event of ["message", "ping", "pong"]) webSocket.on(event, count);
  return count;
}

/** Ends a connection without waiting for the other end, whose messages would be taken meanwhile. */
function cutOff(webSocket: WebSocket, reason: string): void {
  webSocket.close(closeCodes.policyViolation, reason);
  dropRest(webSocket);
}

function dropRest(webSocket: WebSocket): void {
  webSocket.removeAllListeners("message");
  setImmediate(() => webSocket.terminate());
}
