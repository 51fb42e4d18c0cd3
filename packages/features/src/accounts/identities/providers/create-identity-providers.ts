import { createGithubProvider } from "./github-provider.ts";
import type { IdentityProvider, ProviderTools } from "./identity-provider.ts";
import { createOidcProvider } from "./oidc-provider.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** Makes the providers that an operator has described, in their order. None is asked before somebody signs in by it. */
export function createIdentityProviders(
  all: readonly ProviderSettings[],
  tools: ProviderTools,
): IdentityProvider[] {
  return all.map((settings) =>
    settings.kind === "oidc" ? createOidcProvider(settings, tools) : createGithubProvider(settings, tools),
  );
}
