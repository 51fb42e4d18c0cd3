import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { appRouter } from "@obsqra/features";
import { readJsonText, spreadById } from "@obsqra/openapi";
import {
  AppError,
  createResponseFacts,
  networkOf,
  type ResponseFacts,
  type StreamCarrier,
} from "@obsqra/platform";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import type { FastifyRequest } from "fastify";
import type { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { readBearerToken, readRequestFacts } from "../request-facts.ts";
import type { ServerLimits } from "../server-limits.ts";
import { assertBatchSize } from "../trpc/register-trpc.ts";
import { printMessage } from "./print-message.ts";
import type { WebSocketParts } from "./register-web-sockets.ts";
import { createMessageCharge, takeMessagesInTurn } from "./take-messages.ts";

/** An open WebSocket. */
export interface Connection {
  /** Has the other end go on with another connection, and waits until this one is closed. */
  leave(): Promise<void>;
}

interface ServingParts extends WebSocketParts {
  readonly server: WebSocketServer;
  /** By whom bytes are paid for until somebody has called. */
  readonly paidBy: ResponseFacts["paidBy"];
}

const requestId = z.union([z.string(), z.number(), z.null()]);

/** What `wsLink` sends. */
const clientMessage = z.discriminatedUnion("method", [
  z.object({ method: z.literal("connectionParams") }),
  z.object({ id: requestId, method: z.literal("subscription.stop") }),
  z.object({
    id: requestId,
    method: z.enum(["query", "mutation", "subscription"]),
    params: z.object({ path: z.string(), lastEventId: z.string().optional() }),
  }),
]);

/** Codes of RFC 6455, 7.4.1, and of its registry. */
const closeCodes = { policyViolation: 1008, serviceRestart: 1012 } as const;

/** For breaking the protocol, or a limit of it: no client does, and whoever goes on connecting for it is soon refused. */
const faultPoints = 100;

/**
 * Serves one WebSocket with tRPC's own adapter. Who is asking is said once for all of its subscriptions: in the parameters that
 * `wsLink` sends first, or in the header of programs that can send one. Neither stands in a URL.
 */
export function serveWebSocket(
  webSocket: WebSocket,
  request: FastifyRequest,
  { server, limits, createContext, callLimiter, paidBy }: ServingParts,
): Connection {
  const { socket } = request.raw;
  const leave = createLeave(webSocket, request.id, limits);
  const facts = { ...createResponseFacts(), paidBy, carrier: createCarrier(socket, leave) };
  const countFrame = limitFrames(webSocket, limits.webSocketMessagesPerMinute);
  const serve = getWSConnectionHandler({
    wss: server,
    router: appRouter,
    createContext: ({ info: { connectionParams } }) => {
      const ctx = createContext(request, facts);
      const sent = readRequestFacts(request);
      const access_token = readBearerToken(connectionParams?.authorization) ?? sent.access_token;
      return { ...ctx, request: { ...sent, access_token, takes_subscriptions_only: true } };
    },
    keepAlive: { enabled: true, pingMs: limits.webSocketSilenceMs, pongWaitMs: limits.webSocketAnswerMs },
    experimental_encoder: { encode: printMessage, decode: readMessage },
    onError: ({ error }) => {
      // One message may hold many calls, and an error takes more work than what it is about.
      countFrame();
      // The pipeline has logged what is wrong here; the rest is what the other end has sent, or a connection that broke.
      request.log.debug({ err: error }, "Something that came over a WebSocket failed.");
    },
  });
  // What follows a frame that is none, or too long, would be read until the connection is closed: ws begins to in the next tick, and
  // Node reads megabytes in a turn of the loop.
  webSocket.once("error", () => {
    process.nextTick(() => socket.pause());
    void charge(faultPoints);
  });
  const charge = createMessageCharge({ socket, facts, callLimiter });
  webSocket.once("close", () => void charge(0));
  const { callTurns } = createContext(request, createResponseFacts());
  const network = networkOf(readRequestFacts(request).ip, 4);
  takeMessagesInTurn(webSocket, {
    addReaders: () => serve(webSocket, request.raw),
    mayBeRead: async () => {
      const isPaid = await charge(1);
      if (!isPaid) cutOff(webSocket, "No points are left.");
      else await callTurns.begin(network);
      return isPaid;
    },
  });
  return { leave };
}

/** Under the same rules as bodies, with one error for a batch that is too large: the adapter would send one for each of its calls. */
function readMessage(message: string | ArrayBuffer | Uint8Array): unknown {
  if (typeof message !== "string") throw new AppError("MALFORMED_REQUEST", undefined);
  const read = readJsonText(message);
  if (Array.isArray(read)) assertBatchSize(read);
  for (const call of Array.isArray(read) ? read : [read]) assertMessage(call);
  return read;
}

/** Of what is JSON, and no message, the adapter would say that it is no JSON. */
function assertMessage(message: unknown): void {
  const { success, error } = clientMessage.safeParse(message);
  if (success) return;
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  const text = "send a message of tRPC: an id, a method, and params with a path";
  throw new AppError("VALIDATION_FAILED", { issues: [{ path, message: text }] });
}

/** tRPC's adapter writes whatever comes, however slowly it is read. */
function createCarrier(socket: FastifyRequest["socket"], leave: () => Promise<void>): StreamCarrier {
  return {
    holdBack: () => {
      socket.cork();
      return { [Symbol.dispose]: () => socket.uncork() };
    },
    drained: async () => {
      if (!socket.writableNeedDrain || socket.destroyed) return;
      const read = new AbortController();
      const { signal } = read;
      await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]).catch(
        () => {},
      );
      read.abort();
    },
    handOver: () => void leave(),
  };
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
