import {
  type ApiContext,
  giveUpAgentTokens,
  OAuthError,
  openAgentRequest,
  readAgentRequest,
  redirectTo,
  registerAgentClient,
  renewAgentTokens,
} from "@obsqra/features";
import { countAddress, createResponseFacts, networkOf, type ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authorizationServer, oauthPaths, protectedResource } from "./oauth-metadata.ts";
import { readParameters } from "./read-parameters.ts";

/** What OAuth is served with. */
export interface OAuthRoute {
  readonly createContext: (request: FastifyRequest, facts: ResponseFacts) => ApiContext;
  /** Where the service is, as its users see it. */
  readonly publicUrl: string;
  /** Where the dashboard is, which asks the user. */
  readonly appUrl: string;
}

const form = "application/x-www-form-urlencoded";

/** A form, or what a client says of itself. */
const bodyLimitBytes = 16_384;

/** What a request costs, in points: reading a client's document from somewhere is the dearest. */
const weights: Readonly<Record<string, number>> = {
  [oauthPaths.authorize]: 10,
  [oauthPaths.register]: 5,
  [oauthPaths.token]: 5,
};

/**
 * Serves OAuth 2.1 for agents, in its own forms: what the service is, how an agent asks for a key, gets it, renews it and gives it up. Users
 * are asked by a page of the dashboard, which calls `auth.allow_agent`. Each request is counted against the limit of its address like a
 * call, and gets 429 RATE_LIMITED beyond it.
 */
export async function registerOAuth(app: FastifyInstance, route: OAuthRoute): Promise<void> {
  await app.register(async (scope) => {
    // Before the body is read.
    scope.addHook("onRequest", async (request) => {
      const path = request.routeOptions.url ?? "";
      const context = contextOf(request);
      await context.callTurns.begin(networkOf(context.request.ip, 4));
      await countAddress(context, { path, weight: weights[path] ?? 1 });
    });
    scope.removeAllContentTypeParsers();
    const asText = async (_request: unknown, body: string | Buffer) => body;
    for (const type of [form, "application/json"]) {
      scope.addContentTypeParser(type, { parseAs: "string", bodyLimit: bodyLimitBytes }, asText);
    }
    scope.setErrorHandler((error, _request, reply) => {
      if (!(error instanceof OAuthError)) throw error;
      const status = error.error === "invalid_client" ? 401 : 400;
      return answer(reply.code(status), { error: error.error, error_description: error.message });
    });

    const resource = protectedResource(route);
    // The path of the resource comes last (RFC 9728, 3.1).
    for (const path of [`${oauthPaths.protectedResource}/mcp`, oauthPaths.protectedResource]) {
      scope.get(path, () => resource);
    }
    const server = authorizationServer(route);
    scope.get(oauthPaths.authorizationServer, () => server);

    scope.get(oauthPaths.authorize, async (request, reply) => {
      const asked = await readAgentRequest(contextOf(request), readParameters(queryOf(request)));
      if ("refusedTo" in asked) return redirect(reply, asked.refusedTo);
      const page = new URL(`${route.appUrl.replace(/\/+$/, "")}/account/agent`);
      page.searchParams.set("request", asked.request);
      return redirect(reply, page.href);
    });
    scope.get(oauthPaths.refuse, async (request, reply) => {
      const { request: sealed = "" } = readParameters(queryOf(request));
      const asked = openAgentRequest(contextOf(request), sealed);
      if (asked === undefined) throw new OAuthError("invalid_request", "The request is unknown or over.");
      return redirect(reply, redirectTo(route, asked, { error: "access_denied" }));
    });
    scope.post(oauthPaths.token, async (request, reply) => {
      return answer(reply, await renewAgentTokens(contextOf(request), readParameters(bodyOf(request))));
    });
    scope.post(oauthPaths.revoke, async (request, reply) => {
      const { token } = readParameters(bodyOf(request));
      if (token === undefined) throw new OAuthError("invalid_request", "Missing: token.");
      await giveUpAgentTokens(contextOf(request), token);
      return answer(reply, {});
    });
    scope.post(oauthPaths.register, async (request, reply) => {
      const { client_id, client_name, redirect_uris, registered_at } = registerAgentClient(
        contextOf(request),
        readJson(bodyOf(request)),
      );
      return answer(reply.code(201), {
        ...{ client_id, client_name, redirect_uris, token_endpoint_auth_method: "none" },
        client_id_issued_at: Math.floor(registered_at.getTime() / 1000),
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      });
    });
  });

  function contextOf(request: FastifyRequest): ApiContext {
    return route.createContext(request, createResponseFacts());
  }
}

function queryOf({ url }: FastifyRequest): string {
  const [, query = ""] = url.split(/\?(.*)/s);
  return query;
}

function bodyOf({ body }: FastifyRequest): string {
  return typeof body === "string" ? body : "";
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OAuthError("invalid_client_metadata", "Send JSON.");
  }
}

/** A key or a code stays in no cache. */
function answer(reply: FastifyReply, body: object): FastifyReply {
  return reply.header("cache-control", "no-store").send(body);
}

function redirect(reply: FastifyReply, to: string): FastifyReply {
  return reply.header("cache-control", "no-store").redirect(to, 302);
}
