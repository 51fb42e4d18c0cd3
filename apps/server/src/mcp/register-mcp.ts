import { agentScopes, type ErrorCode, type ErrorDetails, toProblem } from "@obsqra/contract";
import { type ApiContext, oauthNames } from "@obsqra/features";
import type { McpAnswer, McpService } from "@obsqra/mcp";
import { acceptJsonOnly, callHeaders, callProcedure, type listProcedures } from "@obsqra/openapi";
import {
  AppError,
  countAddress,
  createResponseFacts,
  isAgentKey,
  networkOf,
  type ResponseFacts,
  toAppError,
} from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type AllowedOrigins, isOriginAllowed } from "../cors-origins.ts";
import { challengeAgent } from "../oauth/oauth-metadata.ts";
import { readMessage } from "./read-message.ts";

/** What agents are served with. */
export interface McpRoute {
  readonly procedures: ReturnType<typeof listProcedures>;
  readonly createContext: (request: FastifyRequest, facts: ResponseFacts) => ApiContext;
  readonly allowedOrigins: AllowedOrigins;
  /** Of the service. */
  readonly version: string;
  /** Where the service is, as its users see it: keys that agents get are for `/mcp` there. */
  readonly publicUrl: string;
}

const path = "/mcp";

/**
 * Serves the Model Context Protocol, 2026-07-28 and the versions before it, at `/mcp`: one message a request, without sessions. A tool is an
 * endpoint of the contract and is called as over REST, with its access, limits and errors; an API key, an access token or the key that an agent
 * got by OAuth is sent as a bearer token. The protocol's library is loaded with the first message, so that a service that no agent asks does not pay for it.
 */
export async function registerMcp(app: FastifyInstance, route: McpRoute): Promise<void> {
  let loading: Promise<McpService> | undefined;
  const load = async () => {
    const { createMcpService } = await import("@obsqra/mcp");
    const onRefused = (error: Error) => app.log.debug({ err: error }, "An agent was refused.");
    return createMcpService({ onRefused });
  };
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    scope.post(path, async (request, reply) => {
      if (!isOriginAllowed(route.allowedOrigins, request.headers.origin, request.host)) {
        throw new AppError("ORIGIN_NOT_ALLOWED", undefined);
      }
      const { method } = readMessage(request.body);
      const facts = createResponseFacts();
      const asked = route.createContext(request, facts);
      const audience = oauthNames(route).resource;
      const ctx: ApiContext = { ...asked, request: { ...asked.request, audience } };
      // Reading and answering a message takes a while, too: those of one network leave room for others.
      await ctx.callTurns.begin(networkOf(ctx.request.ip, 4));
      const makesCalls = callingMethods.has(method);
      const countMessage = () => countAddress(ctx, { path, weight: 1 });
      try {
        if (!makesCalls) await countMessage();
        loading ??= load();
        const { answer, refusal } = await respond(request, ctx, { ...route, service: await loading });
        // A call has been counted by itself; what has come to none, such as that of an unknown tool, has not.
        if (makesCalls && facts.paidBy.length === 0) await countMessage();
        reply.headers(callHeaders(facts));
        const challenge = challengeOf(refusal, ctx.request.access_token);
        if (challenge === undefined) return send(reply, answer);
        const { status, error, scopes } = challenge;
        reply.header("www-authenticate", challengeAgent(route, error, scopes));
        // What the message gets stays: programs that pass messages on look at nothing else.
        return send(reply, answer, status);
      } catch (error) {
        reply.headers(callHeaders(facts));
        throw error;
      }
    });
  });
}

/** What is counted by the endpoints that it calls. */
const callingMethods = new Set<unknown>(["tools/call", "resources/read"]);

/** What lacks a key gets 401, as the protocol has it, so that an agent asks its user for one. */
const keylessCodes = new Set<ErrorCode>([
  "UNAUTHENTICATED",
  "TOKEN_EXPIRED",
  "TOKEN_INVALID",
  "API_KEY_INVALID",
]);

function challengeOf(refusal: AppError | undefined, token: string | undefined) {
  if (refusal === undefined) return undefined;
  if (keylessCodes.has(refusal.code)) {
    const error = refusal.code === "UNAUTHENTICATED" ? undefined : "invalid_token";
    return { status: 401, error, scopes: agentScopes() } as const;
  }
  // Who has made an API key is not asked again for another.
  if (refusal.code !== "SCOPE_MISSING" || token === undefined || !isAgentKey(token)) return undefined;
  const { scope } = refusal.details as ErrorDetails<"SCOPE_MISSING">;
  return { status: 403, error: "insufficient_scope", scopes: [scope] } as const;
}

/** Answers a message; and what has refused the call in it, if anything has. */
async function respond(
  request: FastifyRequest,
  ctx: ApiContext,
  { procedures, version, service }: McpRoute & { readonly service: McpService },
): Promise<{ readonly answer: McpAnswer; readonly refusal: AppError | undefined }> {
  let refusal: AppError | undefined;
  const answer = await service.answer(request, {
    version,
    call: async (endpoint, input) => {
      const procedure = procedures.get(endpoint);
      if (procedure === undefined) throw new Error(`The router has no procedure ${endpoint}.`);
      return callProcedure(procedure, { path: endpoint, ctx, input });
    },
    toProblem: (error) => {
      refusal = toAppError(error);
      return toProblem(refusal, request.id);
    },
  });
  return { answer, refusal };
}

function send(
  reply: FastifyReply,
  { status, type, text }: McpAnswer,
  instead: number = status,
): FastifyReply {
  if (type !== undefined) reply.type(type);
  // What comes with POST nobody can ask for again by a tag.
  return reply.code(instead).header("cache-control", "no-store").send(text);
}
