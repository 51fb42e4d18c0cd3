import { emptyTreeHash, hashNode } from "./tree-hash.ts";

/** A tree that gets leaf after leaf, and keeps as few hashes as it has levels. */
export interface GrowingTree {
  readonly add: (leafHash: Uint8Array) => void;
  /** Of the leaves so far. */
  readonly root: () => Uint8Array;
}

/** Begins a tree without leaves: to compute the root of many, in one pass. */
export function growTree(): GrowingTree {
  /** Full subtrees, the largest first. */
  const subtrees: { readonly leaves: number; readonly hash: Uint8Array }[] = [];
  return {
    add: (leafHash) => {
      let added = { leaves: 1, hash: leafHash };
      for (let left = subtrees.at(-1); left?.leaves === added.leaves; left = subtrees.at(-1)) {
        subtrees.pop();
        added = { leaves: 2 * added.leaves, hash: hashNode(left.hash, added.hash) };
      }
      subtrees.push(added);
    },
    root: () =>
      subtrees
        .map(({ hash }) => hash)
        .reduceRight<Uint8Array | undefined>(
          (right, left) => (right === undefined ? left : hashNode(left, right)),
          undefined,
        ) ?? emptyTreeHash,
  };
}
