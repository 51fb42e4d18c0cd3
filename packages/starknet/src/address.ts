import { keccak } from "@scure/starknet";
import { StarknetError } from "./errors.ts";
import { toCanonicalHex } from "./felt.ts";

/**
 * Addresses are below 2^251 − 256, the network's storage key bound.
 * https://github.com/starknet-io/starknet.js/blob/develop/src/global/constants.ts (ADDR_BOUND)
 */
export const addressBound = 2n ** 251n - 256n;

/**
 * Reads a contract address and returns its one canonical spelling: `0x` and 64 lower-case hex digits.
 *
 * Accepts `0x` and 1 to 64 hex digits with a value of at least 2 (0 is "nobody", 1 is the network's own contract of
 * block hashes) and below 2^251 − 256. Mixed case is a promise that the text carries a checksum, so it is verified;
 * all-lower and all-upper text carries none.
 *
 * Two checksums are in use: SNIP-55 hashes the address as 32 bytes, wallets (starknet.js, starknet.py) hash it without
 * leading zero bytes. They differ for one address in eight, and either is accepted.
 *
 * @throws StarknetError `INVALID_ADDRESS` with the reason in the message.
 * @example parseAddress("0x2") // "0x0000…0002", 66 characters
 */
export function parseAddress(text: string): string {
  if (!/^0x[0-9a-fA-F]{1,64}$/.test(text)) throw invalid("An address is 0x followed by 1 to 64 hex digits.");
  const value = BigInt(text);
  if (value < 2n) throw invalid("Addresses 0 and 1 are reserved by the network.");
  if (value >= addressBound) throw invalid("The address is not below 2^251 - 256.");
  const digits = text.slice(2);
  if (isMixedCase(digits) && !hasChecksum(value, digits)) {
    throw invalid(
      "The address is in mixed case and its checksum does not match; check it for a typing error.",
    );
  }
  return toCanonicalHex(value);
}

/**
 * The checksummed spelling for display, as wallets and starknet.js write it.
 *
 * @throws StarknetError `INVALID_ADDRESS`, as {@link parseAddress}.
 */
export function checksumAddress(text: string): string {
  const value = BigInt(parseAddress(text));
  return `0x${withChecksum(value, evenHex(value))}`;
}

function hasChecksum(value: bigint, digits: string): boolean {
  // A checksum is computed for all 64 digits; text without its leading zeros still shows the last ones.
  return (
    withChecksum(value, evenHex(value)).endsWith(digits) ||
    // https://github.com/starknet-io/SNIPs/blob/main/SNIPS/snip-55.md
    withChecksum(value, value.toString(16).padStart(64, "0")).endsWith(digits)
  );
}

function withChecksum(value: bigint, hashedHex: string): string {
  const hash = keccak(Buffer.from(hashedHex, "hex")).toString(16).padStart(64, "0");
  const digits = value.toString(16).padStart(64, "0");
  return Array.from(digits, (digit, index) =>
    Number.parseInt(hash.charAt(index), 16) >= 8 ? digit.toUpperCase() : digit,
  ).join("");
}

function evenHex(value: bigint): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function isMixedCase(digits: string): boolean {
  return /[a-f]/.test(digits) && /[A-F]/.test(digits);
}

function invalid(reason: string): StarknetError {
  return new StarknetError("INVALID_ADDRESS", reason);
}
