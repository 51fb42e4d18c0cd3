import canonicalize from "canonicalize";
import { utf8ToBytes } from "./bytes.ts";

/**
 * JSON as RFC 8785 writes it: one text per value.
 *
 * @throws TypeError when JSON has no such value, as for a function or an infinite number
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("JSON has no such value.");
  return text;
}

/** {@link canonicalJson} as bytes in UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8ToBytes(canonicalJson(value));
}
