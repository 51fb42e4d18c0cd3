import { Signature, verify } from "@scure/starknet";
import { toRpcFelt } from "./felt.ts";

/** An ECDSA signature on the Stark curve. */
export interface StarkSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/**
 * The order of the Stark curve's group.
 * https://docs.starkware.co/starkex/crypto/stark-curve.html
 */
export const starkCurveOrder = 0x0800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn;

/** StarkWare's ECDSA takes r, 1/s and the hash below 2^251 only. */
const bound = 2n ** 251n;

/**
 * Whether the holder of a key signed a hash. Both points with the key's x coordinate count, as in Cairo's
 * `check_ecdsa_signature`, because accounts store nothing else. (r, s) and (r, n - s) both verify.
 *
 * @param hash a felt
 * @param publicKey the x coordinate, a felt; a value that is on no point of the curve has signed nothing
 */
export function verifyStarkSignature(hash: bigint, { r, s }: StarkSignature, publicKey: bigint): boolean {
  if (hash >= bound || r < 1n || r >= bound || s < 1n || s >= starkCurveOrder) return false;
  const x = publicKey.toString(16).padStart(64, "0");
  try {
    const signature = new Signature(r, s);
    return verify(signature, toRpcFelt(hash), `02${x}`) || verify(signature, toRpcFelt(hash), `03${x}`);
  } catch {
    // The curve library throws for an x that is not on the curve, and for an s whose inverse is out of bounds.
    return false;
  }
}
