import type { GeneratedAlways } from "kysely";
import type { Timestamp } from "./column-types.ts";

/** Replies to mutations that came with an idempotency key, to be sent again when the key comes again. */
export interface IdempotencyKeysTable {
  /** Whose key it is, or `public` where nobody is signed in. */
  owner_id: string;
  /** SHA-256 of the key. */
  key_hash: Uint8Array;
  /** The request's fingerprint and the reply, encrypted: replies may have tokens. Null only inside the call's transaction. */
  sealed: Uint8Array | null;
  created_at: Timestamp;
  expires_at: Timestamp;
}

/** Counters of rate limits that several processes share. */
export interface RateLimitsTable {
  key: string;
  points: number;
  /** Milliseconds since 1970; null for never. */
  expire: string | null;
}

/** How much each owner has stored for good: transactions and suggestions. Counted by the database, with each row. */
export interface StorageUseTable {
  owner_id: GeneratedAlways<string>;
  records: GeneratedAlways<string>;
  /** Of the records as text, with their indexes and entries estimated. */
  bytes: GeneratedAlways<string>;
}
