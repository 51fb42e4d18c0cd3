import type { Json, Timestamp } from "./column-types.ts";

export interface AuthSessionsTable {
  id: string;
  user_id: string;
  created_at: Timestamp;
  last_used_at: Timestamp;
  /** The session ends here however often it is used. */
  expires_at: Timestamp;
  revoked_at: Timestamp | null;
  revoke_reason: string | null;
  ip: string | null;
  user_agent: string | null;
}

export interface AuthRefreshTokensTable {
  /** SHA-256 of the token; the token itself is never stored. */
  token_hash: Uint8Array;
  session_id: string;
  created_at: Timestamp;
  expires_at: Timestamp;
  used_at: Timestamp | null;
}

export interface AuthOneTimeTokensTable {
  /** SHA-256 of the token; the token itself is never stored. */
  token_hash: Uint8Array;
  purpose: "wallet_challenge";
  user_id: string;
  /** What the token is bound to, such as a wallet address. */
  subject: string;
  payload: Json<unknown>;
  created_at: Timestamp;
  expires_at: Timestamp;
}
