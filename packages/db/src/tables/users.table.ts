import type { Json, Timestamp } from "./column-types.ts";

export interface UsersTable {
  id: string;
  /** Lower case. */
  email: string;
  email_verified_at: Timestamp | null;
  full_name: string;
  /** 66-character lower-case form. */
  wallet_address: string | null;
  preferences: Json<unknown>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** Apart from `users`, so that selecting users can never leak a hash. */
export interface UserPasswordsTable {
  user_id: string;
  hash: string;
  changed_at: Timestamp;
}
