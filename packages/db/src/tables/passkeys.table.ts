import type { Timestamp } from "./column-types.ts";

/** Passkeys of users (WebAuthn, discoverable). */
export interface PasskeysTable {
  id: string;
  user_id: string;
  credential_id: Uint8Array;
  /** As COSE has it. */
  public_key: Uint8Array;
  /** How often it has signed, as it says itself. */
  counter: number;
  transports: string[];
  name: string;
  /** Whether it may be on several devices, whose counters know nothing of each other. */
  is_synced: boolean;
  created_at: Timestamp;
  last_used_at: Timestamp | null;
}

/** What a passkey is to sign, once, within minutes. */
export interface PasskeyChallengesTable {
  /** SHA-256 of the challenge; the challenge itself is never stored. */
  challenge_hash: Uint8Array;
  /** Whose passkey is to be added; null where somebody signs in, whoever that is. */
  user_id: string | null;
  /** The session that adds a passkey; the SHA-256 of the program that signs in. */
  bound_to: string;
  created_at: Timestamp;
  expires_at: Timestamp;
}
