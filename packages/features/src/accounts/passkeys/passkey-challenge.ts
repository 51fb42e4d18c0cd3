import type { PasskeyRequest } from "@obsqra/contract";
import type { NewRow, Tables } from "@obsqra/db";
import { hashToken } from "@obsqra/platform";
import type { AuthDependencies } from "../auth-dependencies.ts";
import type { RelyingParty } from "./relying-party.ts";

/** How long a device may take, and its owner to find it. */
export const challengeSeconds = 5 * 60;

/** A challenge as the browser gets it, and as it is stored. */
export interface NewPasskeyChallenge {
  readonly challenge: string;
  readonly row: NewRow<Tables["passkey_challenges"]>;
}

/** Makes a challenge of 256 random bits, for one purpose: adding a passkey to an account, or signing in. */
export function preparePasskeyChallenge(
  deps: Pick<AuthDependencies, "clock" | "randomBytes">,
  { user_id, bound_to }: { readonly user_id: string | null; readonly bound_to: string },
): NewPasskeyChallenge {
  const challenge = Buffer.from(deps.randomBytes(32)).toString("base64url");
  const created_at = deps.clock();
  const expires_at = new Date(created_at.getTime() + challengeSeconds * 1000);
  return {
    challenge,
    row: { challenge_hash: hashToken(challenge), user_id, bound_to, created_at, expires_at },
  };
}

/** What a browser takes to have a challenge signed by whichever passkey its user chooses: it is told of none. */
export function passkeyRequestOf({ id }: RelyingParty, challenge: string): PasskeyRequest {
  return { challenge, rpId: id, timeout: challengeSeconds * 1000, userVerification: "required" };
}

/** The challenge that a browser says was signed; undefined where it says nothing that can be read. */
export function challengeOf(clientDataJSON: string): string | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString());
    const hasOne = typeof data === "object" && data !== null && "challenge" in data;
    return hasOne && typeof data.challenge === "string" ? data.challenge : undefined;
  } catch {
    return undefined;
  }
}
