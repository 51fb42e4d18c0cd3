import { type ApiContext, endSessionsOfProvider, OAuthError } from "@obsqra/features";
import { AppError, countAddress, createResponseFacts, networkOf, type ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { answer, bodyOf, form, queryOf, readAsText, redirect } from "../oauth/forms.ts";
import { readParameters } from "../oauth/read-parameters.ts";

/** What identity providers reach the service with. */
export interface IdentitiesRoute {
  readonly createContext: (request: FastifyRequest, facts: ResponseFacts) => ApiContext;
  /** Where the dashboard is, whose page takes the answers. */
  readonly appUrl: string;
}

/** Where providers send browsers and tokens, below the address of the service. `identity-provider.ts` builds the first for them. */
const paths = {
  callback: "/identity/:provider/callback",
  logout: "/identity/:provider/back-channel-logout",
} as const;

/** What comes back from a provider (OpenID Connect Core 1.0, 3.1.2.5; RFC 9207). */
const answerNames = ["code", "state", "iss", "error"];

/** As much as `auth.login_with_identity` takes. */
const answerLengthMax = 4_096;

interface OfProvider {
  readonly Params: { readonly provider: string };
}

/**
 * Serves what identity providers ask for. They send a browser back with an answer, which goes on to the page of the dashboard that has begun:
 * behind #, where no server sees it, and only the browser that holds the attempt can use it. And they say which of their sessions are over
 * (OpenID Connect Back-Channel Logout 1.0). Each request is counted against the limit of its address like a call.
 */
export async function registerIdentities(app: FastifyInstance, route: IdentitiesRoute): Promise<void> {
  await app.register(async (scope) => {
    // Before the body is read.
    scope.addHook("onRequest", async (request) => {
      const context = contextOf(request);
      await context.callTurns.begin(networkOf(context.request.ip, 4));
      await countAddress(context, { path: request.routeOptions.url ?? "", weight: 5 });
    });
    scope.removeAllContentTypeParsers();
    readAsText(scope, form);
    scope.setErrorHandler((error, _request, reply) => {
      const refused = describeRefusal(error);
      if (refused === undefined) throw error;
      return answer(reply.code(400), { error: "invalid_request", error_description: refused });
    });

    scope.get<OfProvider>(paths.callback, async (request, reply) => {
      const isKnown = contextOf(request).identityProviders.some(({ id }) => id === request.params.provider);
      const given = readParameters(queryOf(request));
      const passedOn = new URLSearchParams();
      for (const name of answerNames) {
        const value = given[name];
        if (value !== undefined) passedOn.set(name, value);
      }
      const known = passedOn.toString();
      if (!isKnown || known === "" || known.length > answerLengthMax) {
        throw new AppError("IDENTITY_ATTEMPT_INVALID", undefined);
      }
      return redirect(reply, `${route.appUrl.replace(/\/+$/, "")}/account/identity#${known}`);
    });
    scope.post<OfProvider>(paths.logout, async (request, reply) => {
      const { logout_token: token = "" } = readParameters(bodyOf(request));
      const { provider } = request.params;
      await endSessionsOfProvider(contextOf(request), { provider, token });
      return answer(reply, {});
    });
  });

  function contextOf(request: FastifyRequest): ApiContext {
    return route.createContext(request, createResponseFacts());
  }
}

/** What was wrong with a request, in the words of OAuth; undefined for what has nothing to do with it. */
function describeRefusal(error: unknown): string | undefined {
  if (error instanceof OAuthError) return error.message;
  const isRefusal =
    error instanceof AppError &&
    ["IDENTITY_ATTEMPT_INVALID", "IDENTITY_PROVIDER_UNKNOWN", "IDENTITY_REJECTED"].includes(error.code);
  return isRefusal ? error.message : undefined;
}
