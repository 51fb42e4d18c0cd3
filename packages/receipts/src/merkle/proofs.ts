import { areEqual } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";
import { hashNode, splitPoint } from "./tree-hash.ts";

/** Gives the hash of the subtree over the leaves from `start` to before `end`. */
export type HashRange = (start: number, end: number) => Promise<Uint8Array>;

/** Where a leaf is, and in a tree of which size. */
export interface LeafPosition {
  readonly index: number;
  readonly size: number;
}

/** The hashes that show that a leaf is in a tree, from its sibling up (PATH in RFC 6962, section 2.1.1). */
export async function proveInclusion(
  { index, size }: LeafPosition,
  hashRange: HashRange,
): Promise<Uint8Array[]> {
  if (index < 0 || index >= size) throw new RangeError("The leaf is not in the tree.");
  const proof: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const split = start + splitPoint(end - start);
    if (index < split) {
      proof.push(await hashRange(split, end));
      end = split;
    } else {
      proof.push(await hashRange(start, split));
      start = split;
    }
  }
  return proof.reverse();
}

/**
 * The root that a leaf and its proof of inclusion lead to. The leaf is in the tree of that size if this is its root.
 *
 * @throws MalformedError when the proof has not as many hashes as it takes
 */
export function rootOfInclusion(
  leafHash: Uint8Array,
  { index, size }: LeafPosition,
  proof: readonly Uint8Array[],
): Uint8Array {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new MalformedError("The leaf's index is not in a tree of that size.");
  }
  const path: { isLeft: boolean }[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const split = start + splitPoint(end - start);
    const isLeft = index < split;
    path.push({ isLeft });
    if (isLeft) end = split;
    else start = split;
  }
  if (proof.length !== path.length) {
    throw new MalformedError(`The proof has ${proof.length} hashes where it takes ${path.length}.`);
  }
  return path
    .reverse()
    .reduce(
      (hash, { isLeft }, level) =>
        isLeft ? hashNode(hash, at(proof, level)) : hashNode(at(proof, level), hash),
      leafHash,
    );
}

/** The hashes that show that a tree continues a smaller one (PROOF in RFC 6962, section 2.1.2). */
export async function proveConsistency(
  { from, to }: { readonly from: number; readonly to: number },
  hashRange: HashRange,
): Promise<Uint8Array[]> {
  if (from < 1 || from > to)
    throw new RangeError("The smaller tree has from one leaf up to all of the larger one's.");
  const proof: Uint8Array[] = [];
  let [start, end] = [0, to];
  let isWholeOfSmaller = true;
  while (from !== end) {
    const split = start + splitPoint(end - start);
    if (from <= split) {
      proof.push(await hashRange(split, end));
      end = split;
    } else {
      proof.push(await hashRange(start, split));
      start = split;
      isWholeOfSmaller = false;
    }
  }
  if (!isWholeOfSmaller) proof.push(await hashRange(start, end));
  return proof.reverse();
}

/** A tree: how many leaves, and its root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Whether a proof shows that the larger tree has all leaves of the smaller one, in their places (RFC 9162, section 2.1.4.2).
 * A tree without leaves is continued by every other.
 */
export function isConsistent(smaller: TreeHead, larger: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (smaller.size > larger.size) return false;
  if (smaller.size === larger.size) return proof.length === 0 && areEqual(smaller.root, larger.root);
  if (smaller.size === 0) return proof.length === 0;
  const path: { isLeft: boolean }[] = [];
  let [start, end] = [0, larger.size];
  while (smaller.size !== end) {
    const split = start + splitPoint(end - start);
    const isLeft = smaller.size <= split;
    path.push({ isLeft });
    if (isLeft) end = split;
    else start = split;
  }
  // Where the smaller tree is a subtree of the larger one, its root is known and not in the proof.
  const hashes = start === 0 ? [smaller.root, ...proof] : [...proof];
  const first = hashes.shift();
  if (first === undefined || hashes.length !== path.length) return false;
  let [small, large] = [first, first];
  for (const [level, { isLeft }] of path.reverse().entries()) {
    const hash = at(hashes, level);
    if (isLeft) large = hashNode(large, hash);
    else [small, large] = [hashNode(hash, small), hashNode(hash, large)];
  }
  return areEqual(small, smaller.root) && areEqual(large, larger.root);
}

function at(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const hash = hashes[index];
  if (hash === undefined) throw new RangeError("There are fewer hashes than were counted.");
  return hash;
}
