import { areEqual, type Checkpoint, hashLeaf, rootOfInclusion, utf8ToBytes } from "@obsqra/receipts";
import { expectThat, type Finding, passed } from "./check.ts";

/** That an entry leads to the root that was signed. */
export function checkInclusion(
  entry: string,
  {
    index,
    proof,
    checkpoint,
  }: { readonly index: number; readonly proof: readonly Uint8Array[]; readonly checkpoint: Checkpoint },
): Finding {
  const { size, root } = checkpoint;
  const found = rootOfInclusion(hashLeaf(utf8ToBytes(entry)), { index, size }, proof);
  expectThat(
    areEqual(found, root),
    `The entry is not entry ${index} of the tree with ${size} entries that was signed.`,
  );
  return passed(
    `The entry is entry ${index} of ${size}: ${proof.length} hashes lead from it to the root that was signed.`,
  );
}
