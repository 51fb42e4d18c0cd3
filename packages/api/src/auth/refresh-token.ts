import { createHash } from "node:crypto";

/** A refresh token as the client gets it, and as it is stored. */
export interface RefreshToken {
  readonly token: string;
  readonly hash: Uint8Array;
}

/** Makes an opaque refresh token of 256 random bits. */
export function createRefreshToken(randomBytes: (size: number) => Uint8Array): RefreshToken {
  const token = Buffer.from(randomBytes(32)).toString("base64url");
  return { token, hash: hashToken(token) };
}

/** SHA-256 suffices, without salt or stretching, because the token is random and long. */
export function hashToken(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
