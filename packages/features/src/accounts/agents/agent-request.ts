import { createHash } from "node:crypto";
import { agentRequestLengthMax, agentScopes, type Scope, scope } from "@obsqra/contract";
import type { Sealer } from "@obsqra/platform";
import { z } from "zod";
import { type AgentClientDependencies, clientHostOf, readAgentClient } from "./agent-client.ts";
import { OAuthError } from "./oauth-error.ts";
import { isNamedUri, redirectHostOf } from "./redirect-uri.ts";

/** What an agent asks its user for, as it was found good. The page that asks shows some of it. */
const agentRequest = z.object({
  client_id: z.string(),
  client_name: z.string(),
  client_host: z.string().nullable(),
  redirect_uri: z.string(),
  redirect_host: z.string(),
  scopes: z.array(scope),
  resource: z.string(),
  code_challenge: z.string(),
  state: z.string().nullable(),
  asked_at: z.number(),
});
export type AgentRequest = z.output<typeof agentRequest>;

interface AgentRequestDependencies extends AgentClientDependencies {
  readonly publicUrl: string;
}

/** What came in the address: each name once. */
export type OAuthParameters = Readonly<Record<string, string | undefined>>;

const lifetimeMs = 10 * 60_000;
const stateLengthMax = 1_024;

/** The service as OAuth names it, both as the one that gives keys and, with the path, as what they are for. */
export function oauthNames({ publicUrl }: Pick<AgentRequestDependencies, "publicUrl">) {
  const issuer = publicUrl.replace(/\/+$/, "");
  return { issuer, resource: `${issuer}/mcp` } as const;
}

/**
 * Looks at what an agent asks for, before its user does (OAuth 2.1, 4.1.1, with PKCE and a resource).
 *
 * @returns what the page is to show and to send back, sealed; or where the browser goes with a refusal
 * @throws OAuthError where the browser must not be sent back, since client or address are not known
 */
export async function readAgentRequest(
  deps: AgentRequestDependencies,
  parameters: OAuthParameters,
): Promise<{ readonly request: string } | { readonly refusedTo: string }> {
  const { client_id = "", redirect_uri = "", state = null } = parameters;
  const client = await readAgentClient(deps, client_id);
  if (!isNamedUri(redirect_uri, client.redirect_uris)) {
    throw new OAuthError("invalid_redirect_uri", "The redirect_uri is none of those of the client.");
  }
  const known = {
    client_id,
    client_name: client.client_name,
    client_host: clientHostOf(client_id),
    redirect_uri,
    redirect_host: redirectHostOf(redirect_uri),
    state,
    asked_at: deps.clock().getTime(),
  };
  try {
    const request = sealRequest(deps.sealer, { ...known, ...readWishes(deps, parameters) });
    if (request.length > agentRequestLengthMax) {
      throw new OAuthError("invalid_request", "The request is too long.");
    }
    return { request };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const answer = { error: error.error, error_description: error.message };
    return { refusedTo: redirectTo(deps, known, answer) };
  }
}

/**
 * Opens what `readAgentRequest` has made.
 *
 * @returns undefined for what it has not, and for what is over
 */
export function openAgentRequest(
  { sealer, clock }: Pick<AgentRequestDependencies, "sealer" | "clock">,
  text: string,
): AgentRequest | undefined {
  const [shown = "", seal = ""] = text.split(".");
  try {
    if (sealer.open(Buffer.from(seal, "base64url")) !== sealOf(shown)) return undefined;
  } catch {
    return undefined;
  }
  const request = agentRequest.parse(JSON.parse(Buffer.from(shown, "base64url").toString()));
  const age = clock().getTime() - request.asked_at;
  return age >= 0 && age < lifetimeMs ? request : undefined;
}

/** Where the browser goes with an answer: with the agent's own state, and with who answers (RFC 9207). */
export function redirectTo(
  deps: Pick<AgentRequestDependencies, "publicUrl">,
  { redirect_uri, state }: Pick<AgentRequest, "redirect_uri" | "state">,
  answer: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirect_uri);
  const parameters = { ...answer, ...(state !== null && { state }), iss: oauthNames(deps).issuer };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function readWishes(deps: AgentRequestDependencies, parameters: OAuthParameters) {
  const { response_type, code_challenge = "", code_challenge_method, resource, state = "" } = parameters;
  if (response_type !== "code") {
    throw new OAuthError("unsupported_response_type", "The response_type has to be code.");
  }
  if (code_challenge_method !== "S256" || !/^[\w-]{43}$/.test(code_challenge)) {
    throw new OAuthError("invalid_request", "Send a code_challenge with the code_challenge_method S256.");
  }
  if (state.length > stateLengthMax) throw new OAuthError("invalid_request", "The state is too long.");
  const own = oauthNames(deps).resource;
  if (resource !== undefined && resource !== own) {
    throw new OAuthError("invalid_target", `The resource has to be ${own}.`);
  }
  return { code_challenge, resource: own, scopes: readScopes(parameters.scope) };
}

/** Those that the service does not have for agents are left out (RFC 6749, 3.3); without any, all that it has are meant. */
function readScopes(text: string | undefined): Scope[] {
  const asked = new Set(text?.split(" "));
  const scopes = agentScopes().filter((each) => text === undefined || asked.has(each));
  if (scopes.length > 0) return scopes;
  throw new OAuthError("invalid_scope", `Agents get: ${agentScopes().join(" ")}.`);
}

/** Readable for the page, and sealed against whoever changes it on the way. */
function sealRequest(sealer: Sealer, request: AgentRequest): string {
  const shown = Buffer.from(JSON.stringify(request)).toString("base64url");
  return `${shown}.${Buffer.from(sealer.seal(sealOf(shown))).toString("base64url")}`;
}

function sealOf(shown: string): string {
  return `agent request ${createHash("sha256").update(shown).digest("hex")}`;
}
