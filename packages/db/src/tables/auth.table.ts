import type { Generated } from "kysely";
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
  /** Whether a remembered device stood in for the second factor: such a session is never a recent one. */
  is_by_remembered_device: Generated<boolean>;
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
  purpose:
    | "wallet_challenge"
    | "email_verification"
    | "password_reset"
    | "email_change_old"
    | "email_change_new"
    | "pending_login";
  user_id: string;
  /**
   * What the token is bound to: a wallet address, or the SHA-256 of the email address that the account has; of a pending login, of the
   * program that has sent the password.
   */
  subject: string;
  payload: Json<unknown>;
  created_at: Timestamp;
  expires_at: Timestamp;
}

export interface ApiKeysTable {
  id: string;
  user_id: string;
  name: string;
  /** How the key begins; not secret. */
  prefix: string;
  /** SHA-256 of the key; the key itself is never stored. */
  key_hash: Uint8Array;
  scopes: string[];
  created_at: Timestamp;
  expires_at: Timestamp;
  last_used_at: Timestamp | null;
  revoked_at: Timestamp | null;
  /** Of an agent that a user has let in: who asked, as OAuth names it. The four are null for a key that a user made. */
  client_id: string | null;
  redirect_uri: string | null;
  /** The only URL at which it is taken. */
  resource: string | null;
  /** When the present key ends, unless the agent renews it; `expires_at` is when all of it does. */
  token_expires_at: Timestamp | null;
  /** Of an organisation's key, the member who made it; null for a user's own. */
  made_by: string | null;
}

/** By what an agent gets its next key: a code, then one refresh token after the other. Each works once. */
export interface AgentTokensTable {
  /** SHA-256 of the token; the token itself is never stored. */
  token_hash: Uint8Array;
  api_key_id: string;
  /** Of a code: what its verifier hashes to. Null for a refresh token. */
  code_challenge: string | null;
  created_at: Timestamp;
  expires_at: Timestamp;
  used_at: Timestamp | null;
}

/** Attempts per (email, ip) and per ip. */
export interface AuthThrottleTable {
  /** SHA-256 of what is counted, so that no address is kept. */
  key: Uint8Array;
  attempts: number;
  next_attempt_at: Timestamp;
  /** The count starts anew then. */
  reset_at: Timestamp;
}
