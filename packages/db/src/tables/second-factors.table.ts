import type { Timestamp } from "./column-types.ts";

/** Apps that show time-based codes (RFC 6238), one of a user. */
export interface TotpFactorsTable {
  user_id: string;
  /** With whose it is. */
  secret_sealed: Uint8Array;
  created_at: Timestamp;
  /** When a code showed that the user's app has the secret. Null: it counts for nothing yet. */
  confirmed_at: Timestamp | null;
  /** The period of the last code that was accepted, counted in 30 seconds since 1970. */
  last_period: number | null;
}

/** Codes that stand in for a lost app, each once. Those that were used are gone. */
export interface RecoveryCodesTable {
  /** SHA-256 of the code; the code itself is never stored. */
  code_hash: Uint8Array;
  user_id: string;
  created_at: Timestamp;
}

/** Devices at which the second factor was shown, and is not asked for. */
export interface RememberedDevicesTable {
  id: string;
  user_id: string;
  /** SHA-256 of the token; the token itself is never stored. */
  token_hash: Uint8Array;
  ip: string | null;
  user_agent: string | null;
  created_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
}
