import { createHash } from "node:crypto";

/** The SHA-256 of some bytes, one part after the other: in Node, which takes a tenth of the time. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}
