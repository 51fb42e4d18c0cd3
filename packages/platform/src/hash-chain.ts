import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** An entry of a chain as it is stored, in its place. */
export interface ChainedEntry {
  /** 1 for the first, then without gaps. */
  readonly position: string;
  readonly content_hash: Uint8Array;
  /** The hash of the entry before; 32 zero bytes for the first. */
  readonly previous_hash: Uint8Array;
  /** SHA-256 of previous_hash and content_hash. */
  readonly hash: Uint8Array;
}

/** How far a chain has been followed: the position of the last entry, 0 before the first, and its hash. */
export interface ChainEnd {
  readonly position: number;
  readonly hash: Uint8Array;
}

/** The first place where a chain does not hold: an entry is missing, does not follow the one before, or was changed. */
export interface ChainBreak {
  readonly position: number;
  readonly fault: "order" | "link" | "content";
}

/** A chain that somebody wants to follow. */
export interface StoredChain<TEntry extends ChainedEntry> {
  /** The next entries after a position, in order: no more than the limit, and none only at the end. */
  readonly listAfter: (page: { readonly position: number; readonly limit: number }) => Promise<TEntry[]>;
  /** Whether an entry's content is that which was hashed. */
  readonly isContentWhole: (entry: TEntry) => boolean;
}

const chainStart: ChainEnd = { position: 0, hash: new Uint8Array(32) };

/** How many entries are read at a time. Most hold about a kilobyte, none more than 20. */
const entriesAtOnce = 1000;

/**
 * Follows a whole chain.
 *
 * A chain proves that nothing before its end was changed, left out or put in. It cannot prove that it does not go on: to
 * see that the newest entries were cut off, or that all of it was written anew, compare with a hash that was kept outside
 * the database.
 */
export async function followChain<TEntry extends ChainedEntry>({
  listAfter,
  isContentWhole,
}: StoredChain<TEntry>): Promise<ChainEnd | ChainBreak> {
  let end = chainStart;
  let entries: TEntry[];
  do {
    entries = await listAfter({ position: end.position, limit: entriesAtOnce });
    for (const entry of entries) {
      const position = end.position + 1;
      const fault = findFault(entry, end) ?? (isContentWhole(entry) ? undefined : "content");
      if (fault !== undefined) return { position, fault };
      end = { position, hash: entry.hash };
    }
  } while (entries.length > 0);
  return end;
}

/** SHA-256 of canonical JSON (RFC 8785): anybody who has the content can compute it. */
export function hashContent(content: object): Uint8Array {
  return createHash("sha256")
    .update(canonicalize(content) ?? "")
    .digest();
}

/** A hash as responses write it: lower-case hexadecimal. */
export function toHex(hash: Uint8Array): string {
  return Buffer.from(hash).toString("hex");
}

/** Whether two hashes are the same. */
export function areHashesEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.from(left).equals(right);
}

function findFault(entry: ChainedEntry, before: ChainEnd): ChainBreak["fault"] | undefined {
  if (entry.position !== String(before.position + 1)) return "order";
  if (!areHashesEqual(entry.previous_hash, before.hash)) return "link";
  const hash = createHash("sha256").update(entry.previous_hash).update(entry.content_hash).digest();
  return areHashesEqual(entry.hash, hash) ? undefined : "link";
}
