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
import type { FastifyInstance, FastifyRequest } from "fastify";
import { answer, bodyLimitBytes, bodyOf, form, queryOf, readAsText, redirect } from "./forms.ts";
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

const json = "application/json";

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
    scope.setErrorHandler((error, request, reply) => {
      const type = request.routeOptions.url === oauthPaths.register ? json : form;
      const { status, refused } = refusalOf(error, type);
      return answer(reply.code(status), { error: refused.error, error_description: refused.message });
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
    await scope.register(async (forms) => {
      readAsText(forms, form);
      forms.post(oauthPaths.token, async (request, reply) => {
        return answer(reply, await renewAgentTokens(contextOf(request), readParameters(bodyOf(request))));
      });
      forms.post(oauthPaths.revoke, async (request, reply) => {
        const { token } = readParameters(bodyOf(request));
        if (token === undefined) throw new OAuthError("invalid_request", "Missing: token.");
        await giveUpAgentTokens(contextOf(request), token);
        return answer(reply, {});
      });
    });
    await scope.register(async (documents) => {
      readAsText(documents, json);
      documents.post(oauthPaths.register, async (request, reply) => {
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
  });

  function contextOf(request: FastifyRequest): ApiContext {
    return route.createContext(request, createResponseFacts());
  }
}

/**
 * Says in the words of OAuth what was wrong with a request, also where its body was not read: the problems of REST name other types and limits.
 *
 * @throws what has nothing to do with OAuth, as it is
 */
function refusalOf(error: unknown, type: string): { readonly status: number; readonly refused: OAuthError } {
  if (error instanceof OAuthError) {
    return { status: error.error === "invalid_client" ? 401 : 400, refused: error };
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const limit = `The body has more than ${bodyLimitBytes / 1_024} KiB.`;
    return { status: 413, refused: new OAuthError("invalid_request", limit) };
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return { status: 415, refused: new OAuthError("invalid_request", `Send the body as ${type}.`) };
  }
  throw error;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OAuthError("invalid_client_metadata", "Send JSON.");
  }
}
