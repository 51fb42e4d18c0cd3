import { createHash } from "node:crypto";
import type { NewRow, Tables } from "@obsqra/db";
import { hashToken } from "@obsqra/platform";
import type { OneTimePurpose } from "./one-time-tokens.queries.ts";

export type NewOneTimeTokenRow = NewRow<Tables["auth_one_time_tokens"]>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long an emailed link works, in milliseconds. */
export const linkLifetimeMs = {
  password_reset: 30 * minuteMs,
  email_verification: 24 * hourMs,
  email_change_old: 24 * hourMs,
  email_change_new: 24 * hourMs,
} as const satisfies Partial<Record<OneTimePurpose, number>>;

/** The token of an emailed link and its row. */
export interface NewOneTimeToken {
  /** For the mail only; what is stored is its hash. */
  readonly token: string;
  readonly row: NewOneTimeTokenRow;
}

/**
 * Makes the token of an emailed link: 256 random bits. It is bound to the address that the account has now, so that a
 * change of address ends it.
 */
export function prepareOneTimeToken(
  deps: { readonly clock: () => Date; readonly randomBytes: (size: number) => Uint8Array },
  link: {
    readonly purpose: keyof typeof linkLifetimeMs;
    readonly user_id: string;
    readonly email: string;
    readonly payload?: unknown;
  },
): NewOneTimeToken {
  const token = Buffer.from(deps.randomBytes(32)).toString("base64url");
  const now = deps.clock();
  const row = {
    token_hash: hashToken(token),
    purpose: link.purpose,
    user_id: link.user_id,
    subject: hashAddress(link.email),
    payload: JSON.stringify(link.payload ?? {}),
    created_at: now,
    expires_at: new Date(now.getTime() + linkLifetimeMs[link.purpose]),
  };
  return { token, row };
}

/** SHA-256, hexadecimal: enough to see whether an address is still the same one, without keeping another copy of it. */
export function hashAddress(email: string): string {
  return createHash("sha256").update(email).digest("hex");
}
