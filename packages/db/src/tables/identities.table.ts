import type { Timestamp } from "./column-types.ts";

/** Identities of users at providers (OpenID Connect, or OAuth of GitHub). */
export interface IdentitiesTable {
  id: string;
  user_id: string;
  /** Who vouches for it. */
  issuer: string;
  /** What it is called there, which never changes; the address may. */
  subject: string;
  /** The verified address that it had when it was linked. */
  email: string;
  created_at: Timestamp;
  last_used_at: Timestamp | null;
}

/** A browser that was sent to a provider, and has minutes to come back. */
export interface IdentityAttemptsTable {
  /** SHA-256 of the browser's secret, which state, nonce and PKCE are made of; the secret itself is never stored. */
  attempt_hash: Uint8Array;
  /** Whose identity is to be linked; null where somebody signs in, whoever that is. */
  user_id: string | null;
  /** Its id among the configured ones. */
  provider: string;
  /** SHA-256 of the program that has begun. */
  bound_to: string;
  created_at: Timestamp;
  expires_at: Timestamp;
}

/** Which sessions an identity has begun, so that its provider can end them. */
export interface SessionIdentitiesTable {
  session_id: string;
  identity_id: string;
  /** The provider's own session, where it names one. */
  provider_session: string | null;
}
