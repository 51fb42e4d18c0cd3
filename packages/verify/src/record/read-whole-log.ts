import {
  areEqual,
  type Checkpoint,
  growTree,
  hashLeaf,
  parseEntryBundle,
  tileWidth,
  widthInTree,
} from "@obsqra/receipts";
import { expectThat } from "../check.ts";
import { type LogEntry, readEntry, readTile } from "../read-log.ts";
import type { Fetch } from "../verify-options.ts";

/** What is told of each entry of a log, in order. */
export interface VisitedEntry {
  readonly entry: LogEntry;
  readonly index: number;
  readonly leafHash: Uint8Array;
  /** The root of the tree that ends before this entry. */
  readonly rootBefore: () => Uint8Array;
}

/**
 * Reads every entry of a log, and compares the tree that they make with the signed one. What it takes of memory does not grow with the log.
 *
 * @throws Mismatch when they are not those of the checkpoint; what `visit` throws
 */
export async function readWholeLog(
  { size, root }: Checkpoint,
  place: { readonly logUrl: string; readonly fetch: Fetch },
  visit: (visited: VisitedEntry) => void | Promise<void>,
): Promise<void> {
  const tree = growTree();
  for (let bundle = 0; bundle * tileWidth < size; bundle += 1) {
    const width = widthInTree({ level: "entries", index: bundle }, size);
    const bytes = await readTile({ level: "entries", index: bundle, width }, place.logUrl, place.fetch);
    const entries = parseEntryBundle(bytes);
    expectThat(entries.length >= width, `The log's entries from ${bundle * tileWidth} on are incomplete.`);
    for (const [offset, text] of entries.slice(0, width).entries()) {
      const leafHash = hashLeaf(text);
      const entry = readEntry(text, bundle * tileWidth + offset);
      await visit({ entry, index: bundle * tileWidth + offset, leafHash, rootBefore: tree.root });
      tree.add(leafHash);
    }
  }
  expectThat(areEqual(tree.root(), root), `The ${size} entries of the log are not those that were signed.`);
}
