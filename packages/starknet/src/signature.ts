import { StarknetError } from "./errors.ts";
import { feltPrime, toRpcFelt } from "./felt.ts";

/** The most felts a signature may have; the largest multi-signature shapes in use need a few dozen. */
export const signatureFeltsMax = 128;

/**
 * Reads a signature as wallets return it: 1 to 128 felts, each as `0x` hex or as a decimal string.
 *
 * The shape belongs to the account contract ([r, s], [r, s, r, s], [n, type, pub, r, s, …], multi-signatures), so
 * values and order pass through untouched; only the spelling is made the one that the JSON-RPC schema allows.
 *
 * A signature is not an identifier: for ECDSA, whoever holds (r, s) can write (r, n − s), which verifies too. Never
 * use it to detect a replay; use the challenge's nonce.
 *
 * @throws StarknetError `INVALID_SIGNATURE_FORMAT` for an empty list, too many felts, or text that is not a felt.
 */
export function parseSignature(felts: readonly string[]): string[] {
  if (felts.length === 0 || felts.length > signatureFeltsMax) {
    throw invalid(`A signature has 1 to ${signatureFeltsMax} felts; this one has ${felts.length}.`);
  }
  return felts.map((text, index) => {
    if (!/^(0x[0-9a-fA-F]{1,64}|[0-9]{1,77})$/.test(text) || BigInt(text) >= feltPrime) {
      throw invalid(`Element ${index} of the signature is not a felt.`);
    }
    return toRpcFelt(BigInt(text));
  });
}

function invalid(reason: string): StarknetError {
  return new StarknetError("INVALID_SIGNATURE_FORMAT", reason);
}
