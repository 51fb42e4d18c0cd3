import type { AttemptSecrets } from "../attempt-secrets.ts";

/** Who somebody is, as a provider vouches for it. */
export interface ProvenIdentity {
  /** What it is called at the provider, for good. */
  readonly subject: string;
  /** The addresses that the provider has verified, as accounts have them; the main one first. */
  readonly emails: readonly string[];
  /** As the provider has it, if that is a name. */
  readonly name: string | undefined;
  /** The provider's own session, where it names one. */
  readonly session: string | undefined;
}

/** What a provider says has ended there. */
export interface EndedAtProvider {
  /** Of the identity; undefined where only a session is named. */
  readonly subject: string | undefined;
  /** The provider's own session; undefined where all of the identity have ended. */
  readonly session: string | undefined;
  readonly at: Date;
}

/** Somebody else's service by which people sign in. */
export interface IdentityProvider {
  /** As the operator names it, in addresses. */
  readonly id: string;
  /** As people know it. */
  readonly name: string;
  /** Together with the subject, names an identity. */
  readonly issuer: string;
  /**
   * Where the browser is sent.
   *
   * @throws AppError IDENTITY_PROVIDER_UNAVAILABLE
   */
  readonly begin: (secrets: AttemptSecrets) => Promise<string>;
  /**
   * Reads what the browser has come back with, and asks the provider what that is worth.
   *
   * @throws AppError IDENTITY_REJECTED, IDENTITY_PROVIDER_UNAVAILABLE
   */
  readonly prove: (answer: string, secrets: AttemptSecrets) => Promise<ProvenIdentity>;
  /**
   * Reads a logout token (OpenID Connect Back-Channel Logout 1.0). Undefined where the provider has none.
   *
   * @throws AppError IDENTITY_REJECTED, IDENTITY_PROVIDER_UNAVAILABLE
   */
  readonly readLogout?: (token: string) => Promise<EndedAtProvider>;
}

/** What every provider is made with. */
export interface ProviderTools {
  readonly fetch: typeof fetch;
  readonly clock: () => Date;
  /** Where the service is, as its users see it: the provider sends them back there. */
  readonly publicUrl: string;
  readonly log: { readonly warn: (facts: object, message: string) => void };
}

/** Where a provider sends browsers back to, whatever address the request came by: a proxy may have changed that. */
export function redirectUriOf({ publicUrl }: Pick<ProviderTools, "publicUrl">, id: string): string {
  return `${publicUrl.replace(/\/+$/, "")}/identity/${id}/callback`;
}
