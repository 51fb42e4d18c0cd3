import { StarknetError } from "./errors.ts";

/** The felt of a Cairo short string: its ASCII bytes, big-endian. Takes at most 31 printable ASCII characters. */
export function encodeShortString(text: string): bigint {
  if (text.length > 31) throw new StarknetError("INVALID_FELT", "A short string has at most 31 characters.");
  if (!isPrintableAscii(text)) {
    throw new StarknetError("INVALID_FELT", "A short string may contain printable ASCII only.");
  }
  let value = 0n;
  for (let index = 0; index < text.length; index++) value = value * 256n + BigInt(text.charCodeAt(index));
  return value;
}

/** The text of a short-string felt, or `undefined` when the bytes are not printable ASCII. */
export function decodeShortString(value: bigint): string | undefined {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 256n) text = String.fromCharCode(Number(rest % 256n)) + text;
  return text.length <= 31 && isPrintableAscii(text) ? text : undefined;
}

/**
 * True when every character is between space and tilde. Wallets disagree about the rest: starknet.js drops the
 * leading zero of control characters, does not pad them, and refuses anything beyond ASCII.
 */
export function isPrintableAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
