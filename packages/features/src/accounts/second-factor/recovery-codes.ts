import type { NewRow, Tables } from "@obsqra/db";
import { hashToken } from "@obsqra/platform";

/** Without letters and digits that look alike (Crockford). */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const codesPerUser = 10;
/** 120 bits: enough that a plain hash gives nothing away (ASVS 6.5.2). */
const charactersPerCode = 24;
const groupLength = 6;

/** Codes as the user gets them, once, and as they are stored. */
export interface NewRecoveryCodes {
  readonly codes: readonly string[];
  readonly rows: readonly NewRow<Tables["recovery_codes"]>[];
}

/** Makes ten codes of 120 random bits, such as `k3v9qa-…`. */
export function createRecoveryCodes(
  deps: { readonly clock: () => Date; readonly randomBytes: (size: number) => Uint8Array },
  user_id: string,
): NewRecoveryCodes {
  const created_at = deps.clock();
  const codes = Array.from({ length: codesPerUser }, () => createCode(deps.randomBytes));
  return { codes, rows: codes.map((code) => ({ code_hash: hashRecoveryCode(code), user_id, created_at })) };
}

/** SHA-256 of a code as people may have written it down. */
export function hashRecoveryCode(code: string): Uint8Array {
  return hashToken(normaliseCode(code));
}

/** What people add to a code when they write it down: spaces, hyphens, capitals. */
export function normaliseCode(code: string): string {
  return code.replaceAll(/[\s-]/g, "").toLowerCase();
}

function createCode(randomBytes: (size: number) => Uint8Array): string {
  // 256 is a multiple of 32, so that every character is as likely as any other.
  const characters = [...randomBytes(charactersPerCode)].map((byte) => alphabet[byte % alphabet.length]);
  return characters.join("").replaceAll(new RegExp(`.{${groupLength}}(?=.)`, "g"), "$&-");
}
