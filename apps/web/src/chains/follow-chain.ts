import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { AuditEvent, TransactionEntry } from "@obsqra/client";
import canonicalize from "canonicalize";

/** Where a chained log ends: keep it, and the log of tomorrow has to have this hash at this position. */
interface ChainEnd {
  readonly position: number;
  readonly hash: string;
}

/** What following a log came to. */
export interface ChainResult {
  readonly end: ChainEnd;
  /** Of the first entry that does not hold; undefined where all hold. */
  readonly brokenAt: number | undefined;
}

type Chained = Pick<TransactionEntry, "position" | "content_hash" | "previous_hash" | "hash">;

const start: ChainEnd = { position: 0, hash: "0".repeat(64) };

/** Follows the log of transactions from its first entry, and computes every hash as `transactions.entries` says. */
export function followTransactions(
  entries: AsyncIterable<TransactionEntry>,
  onProgress: (position: number) => void,
): Promise<ChainResult> {
  return follow(entries, hashTransaction, onProgress);
}

/** Follows the audit log from its first event, and computes every hash as `users.audit_log` says. */
export function followAuditLog(
  events: AsyncIterable<AuditEvent>,
  onProgress: (position: number) => void,
): Promise<ChainResult> {
  return follow(events, hashAuditEvent, onProgress);
}

async function follow<TEntry extends Chained>(
  entries: AsyncIterable<TEntry>,
  hashContent: (entry: TEntry) => string | undefined,
  onProgress: (position: number) => void,
): Promise<ChainResult> {
  let end = start;
  for await (const entry of entries) {
    const { position, content_hash, previous_hash, hash } = entry;
    const holds =
      position === end.position + 1 &&
      previous_hash === end.hash &&
      content_hash === hashContent(entry) &&
      hash === bytesToHex(sha256(hexToBytes(previous_hash + content_hash)));
    if (!holds) return { end, brokenAt: end.position + 1 };
    end = { position, hash };
    onProgress(position);
  }
  return { end, brokenAt: undefined };
}

function hashTransaction(entry: TransactionEntry): string {
  const { content_hash, previous_hash, hash, ...content } = entry;
  if (entry.hash_version > 1) return hashJson(content);
  const { id, owner_id, position, hash_version, ...first } = content;
  return hashJson(first);
}

/** Undefined where what is personal is not what was hashed. */
function hashAuditEvent(event: AuditEvent): string | undefined {
  const { details, ip, salt, user_agent, id, occurred_at, type, hash_version, owner_id, position } = event;
  const personal = { details, ip, salt, user_agent };
  if (hash_version === 1) return hashJson({ ...personal, id, occurred_at, type });
  const { personal_hash } = event;
  if (personal_hash !== hashJson(personal)) return undefined;
  return hashJson({ hash_version, id, occurred_at, owner_id, personal_hash, position, type });
}

/** SHA-256 of a value as canonical JSON (RFC 8785). */
function hashJson(value: object): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(value) ?? "")));
}
