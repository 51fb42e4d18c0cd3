import { toProblem } from "@obsqra/contract";
import type { ApiContext } from "@obsqra/features";
import { acceptJsonOnly, callHeaders, callProcedure, type listProcedures } from "@obsqra/openapi";
import {
  AppError,
  countAddress,
  createResponseFacts,
  networkOf,
  type ResponseFacts,
  toAppError,
} from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type AllowedOrigins, isOriginAllowed } from "../cors-origins.ts";
import { readMessage } from "./read-message.ts";

/** What agents are served with. */
export interface McpRoute {
  readonly procedures: ReturnType<typeof listProcedures>;
  readonly createContext: (request: FastifyRequest, facts: ResponseFacts) => ApiContext;
  readonly allowedOrigins: AllowedOrigins;
  /** Of the service. */
  readonly version: string;
}

const path = "/mcp";

/**
 * Serves the Model Context Protocol, 2026-07-28 and the versions before it, at `/mcp`: one message a request, without sessions. A tool is an
 * endpoint of the contract and is called as over REST, with its access, limits and errors; an API key or an access token is sent as a
 * bearer token. The protocol's library is loaded with the first message, so that a service that no agent asks does not pay for it.
 */
export async function registerMcp(app: FastifyInstance, route: McpRoute): Promise<void> {
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    scope.post(path, async (request, reply) => {
      if (!isOriginAllowed(route.allowedOrigins, request.headers.origin, request.host)) {
        throw new AppError("ORIGIN_NOT_ALLOWED", undefined);
      }
      const { method } = readMessage(request.body);
      const facts = createResponseFacts();
      const ctx = route.createContext(request, facts);
      // Reading and answering a message takes a while, too: those of one network leave room for others.
      await ctx.callTurns.begin(networkOf(ctx.request.ip, 4));
      const makesCalls = callingMethods.has(method);
      const countMessage = () => countAddress(ctx, { path, weight: 1 });
      try {
        if (!makesCalls) await countMessage();
        const response = await respond(request, ctx, route);
        // It is there before what a tool is called for has begun; its text comes last.
        const text = await response.text();
        // A call has been counted by itself; what has come to none, such as that of an unknown tool, has not.
        if (makesCalls && facts.paidBy.length === 0) await countMessage();
        return send(reply.headers(callHeaders(facts)), response, text);
      } catch (error) {
        reply.headers(callHeaders(facts));
        throw error;
      }
    });
  });
}

/** What is counted by the endpoints that it calls. */
const callingMethods = new Set<unknown>(["tools/call", "resources/read"]);

async function respond(
  request: FastifyRequest,
  ctx: ApiContext,
  { procedures, version }: McpRoute,
): Promise<Response> {
  const { createMcpServer, createMcpHandler } = await import("@obsqra/mcp");
  const call = async (endpoint: string, input: unknown) => {
    const procedure = procedures.get(endpoint);
    if (procedure === undefined) throw new Error(`The router has no procedure ${endpoint}.`);
    return callProcedure(procedure, { path: endpoint, ctx, input });
  };
  const handler = createMcpHandler(
    () => createMcpServer({ call, version, toProblem: (error) => toProblem(toAppError(error), request.id) }),
    { onerror: (error) => request.log.debug({ err: error }, "An agent was refused.") },
  );
  const { url, method } = request;
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  const message = new Request(new URL(url, "http://service.invalid"), { method, headers });
  return handler.fetch(message, { parsedBody: request.body });
}

function send(reply: FastifyReply, { status, headers }: Response, text: string): FastifyReply {
  const type = headers.get("content-type");
  if (type !== null) reply.type(type);
  return reply.code(status).send(text);
}
