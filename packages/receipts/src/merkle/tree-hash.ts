import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../bytes.ts";

/** Bytes of a SHA-256. */
export const hashBytes = 32;

/** Hash of the tree without leaves: SHA-256 of nothing. */
export const emptyTreeHash: Uint8Array = sha256(new Uint8Array());

/** Hash of a leaf by its entry (RFC 6962, section 2.1). */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), entry));
}

/** Hash of a node by its children (RFC 6962, section 2.1). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

/** Root of the tree over these leaf hashes (MTH in RFC 6962, section 2.1). */
export function hashTree(leafHashes: readonly Uint8Array[]): Uint8Array {
  const [first] = leafHashes;
  if (first === undefined) return emptyTreeHash;
  if (leafHashes.length === 1) return first;
  const split = splitPoint(leafHashes.length);
  return hashNode(hashTree(leafHashes.slice(0, split)), hashTree(leafHashes.slice(split)));
}

/** How many of `size` > 1 leaves are in the left subtree: the largest power of two below `size`. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
