import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { MalformedError } from "./malformed-error.ts";

export { bytesToHex, concatBytes, hexToBytes, utf8ToBytes };

/** Standard Base64 (RFC 4648, section 4), as all formats of the log have it. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** @throws MalformedError when the text is not exactly what {@link toBase64} writes: each value has one text */
export function fromBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch (cause) {
    throw new MalformedError("It is not Base64.", { cause });
  }
  if (btoa(binary) !== text) throw new MalformedError("It is not Base64 as it is written.");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Whether two values are the same. Nothing here is secret, so the time that it takes may show where they differ. */
export function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
