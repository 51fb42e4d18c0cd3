import { createHash } from "node:crypto";
import type { ErrorDetails } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { hashToken, type RequestFacts } from "@obsqra/platform";
import { z } from "zod";
import type { AuthDependencies } from "../auth-dependencies.ts";
import type { NewOneTimeTokenRow } from "../one-time-tokens/one-time-token.ts";
import { findOneTimeToken } from "../one-time-tokens/one-time-tokens.queries.ts";
import { passkeyRequestOf } from "../passkeys/passkey-challenge.ts";

/** How long a second factor may take after the password. */
const pendingLoginSeconds = 5 * 60;

/** A login whose password was right, and which waits for the second factor. */
export interface PendingLogin {
  readonly row: NewOneTimeTokenRow;
  /** What the program that has sent the password is told; nobody else gets the challenge. */
  readonly required: ErrorDetails<"SECOND_FACTOR_REQUIRED">;
}

/** The identity that has stood in for the password of a login that waits. */
const beginning = z.object({
  identity_id: z.string(),
  provider: z.string(),
  provider_session: z.string().nullable(),
});
export type Beginning = z.output<typeof beginning>;

/** Makes a login that waits for the second factor. */
export function preparePendingLogin(
  deps: AuthDependencies,
  {
    user_id,
    hasPasskey,
    by,
  }: {
    readonly user_id: string;
    readonly hasPasskey: boolean;
    /** @default the password */
    readonly by?: Beginning;
  },
): PendingLogin {
  const challenge = Buffer.from(deps.randomBytes(32)).toString("base64url");
  const now = deps.clock();
  return {
    row: {
      token_hash: hashToken(challenge),
      purpose: "pending_login",
      user_id,
      subject: programOf(deps.request),
      payload: JSON.stringify(by ?? {}),
      created_at: now,
      expires_at: new Date(now.getTime() + pendingLoginSeconds * 1000),
    },
    required: {
      challenge,
      expires_in: pendingLoginSeconds,
      methods: ["totp", "recovery_code", ...(hasPasskey ? (["passkey"] as const) : [])],
      // A passkey signs the same challenge, which is as random, as short-lived and works as often.
      passkey: hasPasskey ? passkeyRequestOf(deps.relyingParty, challenge) : null,
    },
  };
}

/**
 * Whose login it is that waits, and what it was begun with, where that was no password; undefined for one that is unknown, over, or another
 * program's.
 */
export async function findPendingLogin(
  deps: { readonly db: Database; readonly clock: () => Date; readonly request: RequestFacts },
  challenge: string,
): Promise<{ readonly user_id: string; readonly by: Beginning | undefined } | undefined> {
  const found = await findOneTimeToken(deps.db, {
    token_hash: hashToken(challenge),
    purposes: ["pending_login"],
    now: deps.clock(),
  });
  if (found?.subject !== programOf(deps.request)) return undefined;
  return { user_id: found.user_id, by: beginning.safeParse(found.payload).data };
}

/**
 * SHA-256 of the program as it describes itself, which is the same for both requests. Its address may not be: devices change between
 * IPv4 and IPv6, and between networks, while their owner looks for the phone.
 */
export function programOf({ user_agent }: RequestFacts): string {
  return createHash("sha256")
    .update(user_agent ?? "")
    .digest("hex");
}
