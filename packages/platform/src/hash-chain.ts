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

/**
 * The first place where a chain does not hold: an entry is missing (`order`), does not follow the one before (`link`), or was
 * changed (`content`); or the log is not the one that is listed (`list`), or belongs to nobody (`owner`).
 */
export interface ChainBreak {
  readonly position: number;
  readonly fault: "order" | "link" | "content" | "list" | "owner";
}

/** An entry of a log, whose hash says more since version 2. */
export interface LogEntry extends ChainedEntry {
  readonly hash_version: number;
}

/** How the list of logs describes one. */
export interface ListedLog {
  /** How many entries have hashes of version 1, which cover neither owner nor position. */
  readonly old_length: string;
  /** SHA-256 over what identifies them, which was written when version 2 came. */
  readonly old_digest: Uint8Array;
  /** Of the newest entry. */
  readonly end_position: string;
  readonly end_hash: Uint8Array;
}

/** A log that somebody wants to follow. */
export interface StoredLog<TEntry extends LogEntry> extends StoredChain<TEntry> {
  /** What the digest of entries of version 1 covers, besides position and hash. */
  readonly oldFacts: (entry: TEntry) => readonly string[];
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

/**
 * Follows a whole log, and compares it with how it is listed: that its newest entries are there, and that those of version 1
 * are this owner's. Whoever changes both can still cut off the newest entries unnoticed.
 */
export async function followLog<TEntry extends LogEntry>(
  { listAfter, isContentWhole, oldFacts }: StoredLog<TEntry>,
  listed: ListedLog | undefined,
): Promise<ChainEnd | ChainBreak> {
  const oldLength = Number(listed?.old_length ?? 0);
  const oldDigest = createHash("sha256");
  const reached = await followChain<TEntry>({
    listAfter,
    isContentWhole: (entry) => {
      const isOld = Number(entry.position) <= oldLength;
      if (entry.hash_version !== (isOld ? 1 : 2)) return false;
      const facts = [Number(entry.position), toHex(entry.hash), ...oldFacts(entry)];
      if (isOld) oldDigest.update(canonicalize(facts) ?? "");
      return isContentWhole(entry);
    },
  });
  if ("fault" in reached) return reached;
  const { position, hash } = reached;
  if (listed === undefined) return position === 0 ? reached : { position: 1, fault: "list" };
  if (position < Number(listed.end_position)) return { position: position + 1, fault: "order" };
  if (!areHashesEqual(oldDigest.digest(), listed.old_digest)) return { position: 1, fault: "list" };
  const isListedEnd = String(position) === listed.end_position && areHashesEqual(hash, listed.end_hash);
  return isListedEnd ? reached : { position, fault: "list" };
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
