import { sha256 as createSha256 } from "@noble/hashes/sha2.js";

/** The SHA-256 of some bytes, one part after the other: wherever there is no Node. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
