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
  content_hash: Uint8Array;
  /** Given by the database: 32 zero bytes for the first. */
  previous_hash: GeneratedAlways<Uint8Array>;
  /** Given by the database: SHA-256 of previous_hash and content_hash. */
  hash: GeneratedAlways<Uint8Array>;
}
