import type { ColumnType, Generated } from "kysely";
import type { Json, Timestamp } from "./column-types.ts";

/** Who owns data: a person, or an organisation, which has neither password nor session and for which its members act. */
export interface UsersTable {
  id: string;
  is_organisation: Generated<boolean>;
  /** Lower case; no address for an organisation. */
  email: string;
  email_verified_at: Timestamp | null;
  full_name: string;
  /** The primary one of the user's wallets; 66-character lower-case form. */
  wallet_address: string | null;
  preferences: Json<unknown>;
  created_at: Timestamp;
  updated_at: Timestamp;
  plan: ColumnType<"free" | "pro", "free" | "pro" | undefined, "free" | "pro">;
  /** Since when the user may do what is for operators; null for everybody else. */
  operator_since: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** When personal data will be erased, if the user has asked for it. */
  erase_after: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Since then only the id is left, as a pseudonym. */
  erased_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

export interface UserWalletsTable {
  /** 66-character lower-case form. A wallet belongs to one user. */
  address: string;
  user_id: string;
  /** `counterfactual`: not deployed when it was linked, so that the account contract has to be asked later. */
  state: "deployed" | "counterfactual";
  /** The hash that the account contract will be asked about; null once it has given its verdict. */
  signed_hash: string | null;
  signature: Json<string[]> | null;
  linked_at: Timestamp;
  /** When the signature was last accepted, or the account was last found to be not deployed yet. */
  checked_at: Timestamp;
}

/** Apart from `users`, so that selecting users can never leak a hash. */
export interface UserPasswordsTable {
  user_id: string;
  hash: string;
  changed_at: Timestamp;
  /** Whether the user has a second factor, so that the password alone lets nobody in. */
  needs_second_factor: Generated<boolean>;
}
