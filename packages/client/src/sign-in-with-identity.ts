import { isObsqraError, type ObsqraError } from "./obsqra-error.ts";
import type { LoginWithIdentityInput, ObsqraClient } from "./router.ts";
import { codeNeeded, type SignIn, type SignInStartOptions } from "./sign-in.ts";

/** An account has the address of the identity: its owner signs in to it in another way, and links the identity then. */
export interface IdentityLinkNeeded {
  readonly state: "link_needed";
  readonly refused: ObsqraError<"IDENTITY_LINK_NEEDED">;
}

/** The answer of the provider was not accepted: begin again, or sign in in another way. */
export interface IdentityRefused {
  readonly state: "refused";
  readonly refused: ObsqraError<IdentityRefusal>;
}

/** Where somebody is on the way to being signed in by a provider. */
export type IdentitySignIn = SignIn | IdentityLinkNeeded | IdentityRefused;

type IdentityRefusal = "IDENTITY_ATTEMPT_INVALID" | "IDENTITY_REJECTED" | "IDENTITY_EMAIL_UNVERIFIED";

/** What a browser has come back with. */
export interface IdentityAnswer extends Pick<LoginWithIdentityInput, "attempt" | "answer"> {
  /** By which remembered devices are kept here, in the place of an address. */
  readonly provider: string;
}

/**
 * Signs in by what a provider has answered, with a second factor where the account has one. It begins with `auth.begin_identity_login`, whose
 * `authorization_url` a browser opens; what it comes back with to `/account/identity`, behind `#`, is the answer.
 *
 * @throws ObsqraError IDENTITY_PROVIDER_UNAVAILABLE, after which the same can be tried again, and what any call may throw
 */
export async function signInWithIdentity(
  client: Pick<ObsqraClient, "auth">,
  { provider, ...input }: IdentityAnswer,
  { signal, devices }: SignInStartOptions = {},
): Promise<IdentitySignIn> {
  const key = `provider:${provider}`;
  try {
    const device_token = await devices?.read(key);
    const known = device_token === undefined ? input : { ...input, device_token };
    return { state: "signed_in", tokens: await client.auth.login_with_identity.mutate(known, { signal }) };
  } catch (error) {
    if (isObsqraError(error, "SECOND_FACTOR_REQUIRED")) {
      const remember = (token: string) => devices?.write(key, token);
      return codeNeeded({ client, required: error.details, remember: devices && remember });
    }
    if (isObsqraError(error, "IDENTITY_LINK_NEEDED")) return { state: "link_needed", refused: error };
    if (
      isObsqraError(error, "IDENTITY_ATTEMPT_INVALID") ||
      isObsqraError(error, "IDENTITY_REJECTED") ||
      isObsqraError(error, "IDENTITY_EMAIL_UNVERIFIED")
    ) {
      return { state: "refused", refused: error };
    }
    throw error;
  }
}
