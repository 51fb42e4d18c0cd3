import { createHash } from "node:crypto";

/** SHA-256 suffices, without salt or stretching, because tokens are random and long. */
export function hashToken(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
