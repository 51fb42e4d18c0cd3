import { isConsistent } from "@obsqra/receipts";
import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import { momentOf } from "../moment-of.ts";
import type { CheckedLog } from "../read-log.ts";
import type { AnchorPlace } from "../verify-options.ts";
import { type Anchor, type Anchors, openAnchors } from "./read-anchors.ts";

/**
 * That a contract on Starknet keeps a tree with an entry since before the moment that it speaks about, and that the log continues that tree.
 */
export async function checkAnchor(
  { index, target_at }: { readonly index: number; readonly target_at: unknown },
  log: CheckedLog,
  place: Required<AnchorPlace>,
): Promise<Finding> {
  const anchors = await openAnchors(place);
  const anchor = await findFirstWith(index, anchors);
  if (anchor === undefined) {
    return notChecked(
      `None of ${anchors.count} trees that are anchored has the entry, which is number ${index}.`,
    );
  }
  const { checkpoint, tree } = log;
  if (anchor.size > checkpoint.size) {
    return notChecked(
      `The tree that is anchored has ${anchor.size} entries, and the receipt's checkpoint ${checkpoint.size}: take a newer receipt.`,
    );
  }
  const proof = anchor.size === checkpoint.size ? [] : await tree.proveConsistency(anchor.size);
  expectThat(
    isConsistent(anchor, checkpoint, proof),
    "Another tree is anchored than the one that you are shown: the log has two views.",
  );
  const since = anchor.anchoredAt.toISOString();
  expectThat(
    anchor.anchoredAt.getTime() < momentOf(target_at),
    `The tree with it is anchored only since ${since}, and it speaks about ${String(target_at)}.`,
  );
  return passed(
    `A tree of ${anchor.size} entries, which the log continues, is anchored since ${since}, before ${String(target_at)}.`,
  );
}

/** The first anchor with an entry: they are in the order of their sizes. */
async function findFirstWith(index: number, { count, at }: Anchors): Promise<Anchor | undefined> {
  let [low, high] = [0, count];
  let found: Anchor | undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const anchor = await at(middle);
    if (anchor.size > index) {
      found = anchor;
      high = middle;
    } else low = middle + 1;
  }
  return found;
}
