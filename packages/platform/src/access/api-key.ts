import { hashToken } from "./hash-token.ts";

/** Marks API keys, for people, and for scanners that look for leaked ones. */
const marker = "obsqra_";

/** An API key as its owner gets it, and as it is stored. */
export interface NewKey {
  readonly key: string;
  /** The part of the key that is not secret. */
  readonly prefix: string;
  readonly hash: Uint8Array;
}

/** Makes an API key, `obsqra_<8 characters to recognise it by>_<256 random bits>`. */
export function createKey(randomBytes: (size: number) => Uint8Array): NewKey {
  const prefix = `${marker}${Buffer.from(randomBytes(4)).toString("hex")}`;
  const key = `${prefix}_${Buffer.from(randomBytes(32)).toString("base64url")}`;
  return { key, prefix, hash: hashToken(key) };
}

/** Whether a bearer token claims to be an API key. */
export function isApiKey(token: string): boolean {
  return token.startsWith(marker);
}
