import { createBoundedFetch, HostUnavailableError } from "@obsqra/http";
import { AppError } from "@obsqra/platform";
import * as client from "openid-client";
import type { AttemptSecrets } from "../attempt-secrets.ts";
import { type ProviderTools, redirectUriOf } from "./identity-provider.ts";

/** Provider's documents and tokens have a few kilobytes; keys of some have tens. */
const bounds = { timeoutMs: 5_000, bytesMax: 256 * 1024 };

/** Seconds by which clocks may differ. */
export const clockToleranceSeconds = 30;

/** Makes the `fetch` by which a provider is asked: bounded in time and bytes, and following nobody elsewhere. */
export function fetchOfProvider({ fetch }: ProviderTools): client.CustomFetch {
  const bounded = createBoundedFetch(fetch, bounds);
  // The library's bodies are texts or parameters, which `fetch` takes.
  return (url, options) => bounded(url, options as RequestInit);
}

/**
 * Makes what the library asks a provider with, for one attempt: it is told the service's time, and gets the provider's keys anew, so that a
 * rotation of them is never met with old ones.
 */
export function configure(
  tools: ProviderTools,
  settings: { readonly client_id: string; readonly client_secret: string },
  server: client.ServerMetadata,
): client.Configuration {
  const methods = server.token_endpoint_auth_methods_supported;
  const { client_secret } = settings;
  // What is not said means client_secret_basic (OpenID Connect Discovery 1.0, 3); many know the other one, too.
  const auth =
    methods?.includes("client_secret_post") === true
      ? client.ClientSecretPost(client_secret)
      : client.ClientSecretBasic(client_secret);
  const skewSeconds = Math.round((tools.clock().getTime() - Date.now()) / 1000);
  const metadata = { [client.clockSkew]: skewSeconds, [client.clockTolerance]: clockToleranceSeconds };
  const config = new client.Configuration(server, settings.client_id, metadata, auth);
  config[client.customFetch] = fetchOfProvider(tools);
  if (server.issuer.startsWith("http:")) client.allowInsecureRequests(config);
  return config;
}

/**
 * Exchanges the code that a browser has come back with. The address that it was sent back to is built from that of the service: the library
 * takes it for the `redirect_uri`, and a proxy may have changed the one of the request.
 */
export function exchangeCode(
  tools: ProviderTools,
  { id, config }: { readonly id: string; readonly config: client.Configuration },
  { answer, checks }: { readonly answer: string; readonly checks: client.AuthorizationCodeGrantChecks },
) {
  const address = new URL(redirectUriOf(tools, id));
  address.search = answer;
  return client.authorizationCodeGrant(config, address, checks);
}

/** What every provider is sent in the address of its page. */
export async function authorizationParameters(
  tools: ProviderTools,
  id: string,
  { state, codeVerifier }: AttemptSecrets,
): Promise<Record<string, string>> {
  return {
    redirect_uri: redirectUriOf(tools, id),
    state,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  };
}

/**
 * Says what has gone wrong with a provider, to whoever signs in as little as helps, and to the operator why: without what was sent, which
 * has codes, tokens and addresses.
 *
 * @returns what is to be thrown
 */
export function refusalOf(tools: ProviderTools, id: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (chainOf(error).some((each) => each instanceof HostUnavailableError)) {
    return unavailableFor(tools, id, error);
  }
  if (!isOfLibrary(error)) return error;
  const facts = { provider: id, reasons: reasonsOf(error) };
  tools.log.warn(facts, "The answer of a provider of identities was not accepted.");
  const said = error instanceof client.AuthorizationResponseError ? error.error : "";
  const provider_error = /^[a-z_]{1,64}$/.test(said) ? said : null;
  return new AppError("IDENTITY_REJECTED", { provider_error }, { cause: error });
}

/** Says that a provider could not be asked, or does not describe itself as it should: nobody can sign in by it until that is mended. */
export function unavailableFor(
  tools: ProviderTools,
  id: string,
  error: unknown,
): AppError<"IDENTITY_PROVIDER_UNAVAILABLE"> {
  tools.log.warn({ provider: id, reasons: reasonsOf(error) }, "A provider of identities could not be asked.");
  return new AppError("IDENTITY_PROVIDER_UNAVAILABLE", undefined, { cause: error });
}

function reasonsOf(error: unknown) {
  return chainOf(error).map((each) => ({ code: codeOf(each), message: each.message }));
}

function isOfLibrary(error: unknown): boolean {
  return (
    error instanceof client.ClientError ||
    error instanceof client.AuthorizationResponseError ||
    error instanceof client.ResponseBodyError ||
    error instanceof client.WWWAuthenticateChallengeError ||
    // It throws some of them for what a provider has sent.
    error instanceof TypeError
  );
}

function chainOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...chainOf(error.cause)] : [];
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
