import { hashToken } from "@obsqra/platform";

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
