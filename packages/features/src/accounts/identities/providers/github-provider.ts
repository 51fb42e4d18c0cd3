import { AppError } from "@obsqra/platform";
import * as client from "openid-client";
import { z } from "zod";
import {
  authorizationParameters,
  configure,
  exchangeCode,
  fetchOfProvider,
  refusalOf,
} from "./ask-provider.ts";
import type { IdentityProvider, ProviderTools } from "./identity-provider.ts";
import { type GithubSettings, githubUrlOf, issuerOf } from "./provider-settings.ts";
import { emailOf, nameOf } from "./read-claims.ts";

const githubUser = z.object({ id: z.int().positive(), name: z.string().nullish(), login: z.string() });
const githubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** GitHub makes such addresses up for people who hide theirs; nobody reads what is sent there. */
const madeUp = /@users\.noreply\./;

/**
 * Makes GitHub a provider, which speaks OAuth 2 and tells of its users by an interface of its own. It names itself in its answers
 * (https://docs.github.com/en/apps/github-authentication-discovery-endpoints), which is compared.
 */
export function createGithubProvider(settings: GithubSettings, tools: ProviderTools): IdentityProvider {
  const { id, name } = settings;
  const issuer = issuerOf(settings);
  const url = githubUrlOf(settings);
  const api = url === "https://github.com" ? "https://api.github.com" : `${url}/api/v3`;
  const server = {
    issuer,
    authorization_endpoint: `${url}/login/oauth/authorize`,
    token_endpoint: `${url}/login/oauth/access_token`,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
  };
  return {
    id,
    name,
    issuer,
    begin: async (secrets) => {
      const config = configure(tools, settings, server);
      const parameters = await authorizationParameters(tools, id, secrets);
      return client.buildAuthorizationUrl(config, { ...parameters, scope: "read:user user:email" }).href;
    },
    prove: async (answer, { state, codeVerifier }) => {
      try {
        const config = configure(tools, settings, server);
        const checks = { expectedState: state, pkceCodeVerifier: codeVerifier };
        const { access_token } = await exchangeCode(tools, { id, config }, { answer, checks });
        const read = readerOf(tools, api, access_token);
        const user = await read("/user", githubUser);
        const emails = await read("/user/emails?per_page=100", githubEmails);
        return {
          subject: String(user.id),
          emails: emails
            .filter(({ email, verified }) => verified && !madeUp.test(email))
            .toSorted((a, b) => Number(b.primary) - Number(a.primary))
            .flatMap(({ email }) => emailOf(email) ?? []),
          name: nameOf(user.name) ?? nameOf(user.login),
          session: undefined,
        };
      } catch (error) {
        throw refusalOf(tools, id, error);
      }
    },
  };
}

function readerOf(tools: ProviderTools, api: string, token: string) {
  const fetch = fetchOfProvider(tools);
  const headers = {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${token}`,
    "user-agent": "Obsqra",
  };
  return async <TSchema extends z.ZodType>(path: string, schema: TSchema): Promise<z.output<TSchema>> => {
    const options = { method: "GET", redirect: "manual", body: undefined, headers } as const;
    const response = await fetch(`${api}${path}`, options);
    const text = await response.text();
    try {
      if (!response.ok) throw new Error(`It responded with ${response.status}.`);
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new AppError("IDENTITY_REJECTED", { provider_error: null }, { cause });
    }
  };
}
