import type { GeneratedAlways } from "kysely";
import type { Json, Timestamp } from "./column-types.ts";

/** What happened to the security of an account. Append-only; the database chains the events of a user. */
export interface AuditEventsTable {
  id: string;
  user_id: string;
  /** 1 for a user's first event, then without gaps; given by the database. */
  position: GeneratedAlways<string>;
  type: string;
  occurred_at: Timestamp;
  ip: string | null;
  user_agent: string | null;
  details: Json<Record<string, unknown>>;
  /** Random; keeps what was erased from being guessed by its hash. Null after erasure. */
  salt: Uint8Array | null;
  /** Given by the database: 1 for events from before hashes covered owner and position, 2 since. */
  hash_version: GeneratedAlways<number>;
  /** Given by the database: SHA-256 of what an erasure takes. Null in version 1. */
  personal_hash: GeneratedAlways<Uint8Array | null>;
  /** Given by the database, as is all that follows; in version 1 it came from the service. */
  content_hash: GeneratedAlways<Uint8Array>;
  /** 32 zero bytes for the first. */
  previous_hash: GeneratedAlways<Uint8Array>;
  /** SHA-256 of previous_hash and content_hash. */
  hash: GeneratedAlways<Uint8Array>;
}

/**
 * The logs that are chained, each with where it ends: itself a chain, in the order in which they were begun. Written by the
 * database only, with the entries.
 */
export interface ChainedLogsTable {
  /** 1 for the first log, then without gaps. */
  position: GeneratedAlways<string>;
  log: GeneratedAlways<"audit" | "transactions">;
  owner_id: GeneratedAlways<string>;
  /** How many entries have hashes of version 1. */
  old_length: GeneratedAlways<string>;
  /** SHA-256 of what identifies those entries and their hashes. */
  old_digest: GeneratedAlways<Uint8Array>;
  /** SHA-256 of all of the above. */
  content_hash: GeneratedAlways<Uint8Array>;
  previous_hash: GeneratedAlways<Uint8Array>;
  hash: GeneratedAlways<Uint8Array>;
  /** The newest entry's; the only part that changes. */
  end_position: GeneratedAlways<string>;
  end_hash: GeneratedAlways<Uint8Array>;
}
