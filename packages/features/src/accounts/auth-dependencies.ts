import type { Database } from "@obsqra/db";
import type { AccessTokenSettings, CreateId, RequestFacts, Sealer } from "@obsqra/platform";
import type { IdentityProvider } from "./identities/providers/identity-provider.ts";
import type { RelyingParty } from "./passkeys/relying-party.ts";
import type { PasswordHasher } from "./passwords/password-hasher.ts";
import type { ThrottleLimits } from "./throttle/throttle.service.ts";

/** What accounts and their credentials use. */
export interface AuthDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly passwordHasher: PasswordHasher;
  readonly accessTokens: AccessTokenSettings;
  readonly sealer: Sealer;
  readonly relyingParty: RelyingParty;
  /** By whom people can sign in; none where the operator has configured none. */
  readonly identityProviders: readonly IdentityProvider[];
  readonly throttleLimits: ThrottleLimits;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly request: RequestFacts;
}
