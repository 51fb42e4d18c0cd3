import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ApiContext } from "@obsqra/features";
import {
  AppError,
  type CallLimiter,
  countAddress,
  createResponseFacts,
  createStreamSlots,
  type ResponseFacts,
} from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { type AllowedOrigins, isOriginAllowed } from "../cors-origins.ts";
import { readRequestFacts } from "../request-facts.ts";
import type { ServerLimits } from "../server-limits.ts";
import { type Connection, serveWebSocket } from "./serve-web-socket.ts";

/** What WebSockets are served with. */
export interface WebSocketParts {
  readonly createContext: (request: FastifyRequest, facts: ResponseFacts) => ApiContext;
  readonly limits: ServerLimits;
  readonly allowedOrigins: AllowedOrigins;
  /** Undefined where calls are not counted. */
  readonly callLimiter: CallLimiter | undefined;
}

const path = "/trpc";
/** What a connection that is being closed may take to be so at the other end, too. */
const closeTimeoutMs = 1_000;

/** Whether a request asks for a WebSocket where there are some. */
export function isWebSocket({ method, url = "", headers }: IncomingMessage): boolean {
  const [asked = ""] = url.split("?", 1);
  return method === "GET" && asked === path && headers.upgrade?.toLowerCase() === "websocket";
}

/**
 * Serves subscriptions over WebSockets at `/trpc`, as tRPC's `wsLink` speaks. A request for one goes through everything that other
 * requests do, so that it is limited, logged and refused in the same way, with a problem.
 */
export function registerWebSockets(app: FastifyInstance, parts: WebSocketParts): void {
  const { limits, allowedOrigins } = parts;
  const {
    webSockets: total,
    webSocketsPerAddress: perAddress,
    webSocketMessageBytes,
    webSocketFragments,
  } = limits;
  const slots = createStreamSlots({ total, perAddress, perOwner: total });
  const handshakes = new WeakMap<IncomingMessage, Handshake>();
  const connections = new Set<Connection>();
  // By name, since the types of ws do not know closeTimeout yet.
  const options = {
    noServer: true,
    clientTracking: false,
    // What is compressed may be far more than it takes on the way, and takes memory for each connection.
    perMessageDeflate: false,
    maxPayload: webSocketMessageBytes,
    maxFragments: webSocketFragments,
    // One at a time, so that others have their turns between what comes at once.
    allowSynchronousEvents: false,
    // Until then, whoever goes on sending is read, for nothing.
    closeTimeout: closeTimeoutMs,
  };
  const server = new WebSocketServer(options);
  let isStopping = false;

  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node listens no more, and without a listener an error of one connection would end the process.
    socket.on("error", ignore);
    handshakes.set(request, { socket, head });
    routeUpgrade(app, request, socket);
  });

  app.route({
    method: "GET",
    url: path,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const handshake = handshakes.get(request.raw);
      if (handshake === undefined) throw new AppError("ROUTE_NOT_FOUND", undefined);
      const { ip } = readRequestFacts(request);
      if (!isOriginAllowed(allowedOrigins, request.headers.origin, request.host)) {
        throw new AppError("ORIGIN_NOT_ALLOWED", undefined);
      }
      const { paidBy } = await countHandshake(request);
      if (isStopping) throw new AppError("SERVER_OVERLOADED", undefined);
      // A place that is taken now would never be given back.
      if (handshake.socket.destroyed) return reply.hijack();
      const giveBack = slots.take({ owner_id: undefined, ip });
      handshake.socket.once("close", giveBack);
      reply.hijack();
      reply.raw.detachSocket(request.raw.socket);
      reply.raw.statusCode = 101;
      const { socket, head } = handshake;
      server.handleUpgrade(request.raw, socket, head, (webSocket: WebSocket) => {
        const connection = serveWebSocket(webSocket, request, { ...parts, paidBy });
        connections.add(connection);
        webSocket.once("close", () => connections.delete(connection));
      });
      // For whoever waits for the end of the request: what follows is none.
      reply.raw.emit("close");
      return reply;
    },
  });

  /** Like a call: whoever is cut off comes back for that. */
  async function countHandshake(request: FastifyRequest): Promise<ResponseFacts> {
    const facts = createResponseFacts();
    await countAddress(parts.createContext(request, facts), { path, weight: 1 });
    return facts;
  }

  app.addHook("preClose", async () => {
    isStopping = true;
    await Promise.all([...connections].map((connection) => connection.leave()));
  });
}

/** The connection of a request for a WebSocket, and what has come on it already. */
interface Handshake {
  readonly socket: Duplex;
  readonly head: Buffer;
}

function routeUpgrade(app: FastifyInstance, request: IncomingMessage, socket: Duplex): void {
  const response = new ServerResponse(request);
  // Of a refusal; nobody could tell where the next request begins.
  response.once("finish", () => socket.end());
  try {
    response.assignSocket(request.socket);
  } catch {
    // The response to an earlier request is still on its way, and would go on amid what follows.
    socket.destroy();
    return;
  }
  app.routing(request, response);
}

function ignore(): void {}
