import type { Timestamp } from "./column-types.ts";

/** Answers to mutations that came with an idempotency key, to be given again when the key comes again. */
export interface IdempotencyKeysTable {
  /** The user's id, or `public` where nobody is signed in. */
  owner: string;
  /** SHA-256 of the key. */
  key_hash: Uint8Array;
  /** What was asked and answered, encrypted: answers may have tokens. Null only inside the call's transaction. */
  sealed: Uint8Array | null;
  created_at: Timestamp;
  expires_at: Timestamp;
}

/** Counters of rate limits that several processes share. Written by rate-limiter-flexible. */
export interface RateLimitsTable {
  key: string;
  points: number;
  /** Milliseconds since 1970; null for never. */
  expire: string | null;
}
