import { agentScopes } from "@obsqra/contract";
import { oauthNames } from "@obsqra/features";

/** Where OAuth is served, below the address of the service. */
export const oauthPaths = {
  protectedResource: "/.well-known/oauth-protected-resource",
  authorizationServer: "/.well-known/oauth-authorization-server",
  authorize: "/oauth/authorize",
  refuse: "/oauth/refuse",
  token: "/oauth/token",
  register: "/oauth/register",
  revoke: "/oauth/revoke",
} as const;

interface Site {
  readonly publicUrl: string;
}

/** What `/mcp` is, and who gives keys for it (RFC 9728). */
export function protectedResource(site: Site) {
  const { issuer, resource } = oauthNames(site);
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: agentScopes(),
    bearer_methods_supported: ["header"],
    resource_name: "Obsqra",
  };
}

/** How keys are got (RFC 8414). */
export function authorizationServer(site: Site) {
  const { issuer } = oauthNames(site);
  return {
    issuer,
    authorization_endpoint: issuer + oauthPaths.authorize,
    token_endpoint: issuer + oauthPaths.token,
    registration_endpoint: issuer + oauthPaths.register,
    revocation_endpoint: issuer + oauthPaths.revoke,
    scopes_supported: agentScopes(),
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    code_challenge_methods_supported: ["S256"],
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  };
}

/** Asks an agent for a key, and says where it gets one (RFC 9728, 5.1; RFC 6750, 3). */
export function challengeAgent(
  site: Site,
  error: "invalid_token" | "insufficient_scope" | undefined,
  scopes: readonly string[],
) {
  const { issuer } = oauthNames(site);
  const parameters = {
    realm: "obsqra",
    ...(error !== undefined && { error }),
    resource_metadata: `${issuer}${oauthPaths.protectedResource}/mcp`,
    scope: scopes.join(" "),
  };
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${pairs.join(", ")}`;
}
