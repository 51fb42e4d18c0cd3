import type { Timestamp } from "./column-types.ts";

type Role = "owner" | "admin" | "analyst" | "viewer";

/** Who belongs to an organisation, which is a row of `users`. */
export interface OrganisationMembersTable {
  /** By which members are in the order in which they joined. */
  id: string;
  organisation_id: string;
  user_id: string;
  role: Role;
  joined_at: Timestamp;
}

/** Who is invited, until they accept. */
export interface OrganisationInvitationsTable {
  id: string;
  organisation_id: string;
  /** Sealed, so that only `users` has addresses that can be read. */
  email_sealed: Uint8Array;
  /** SHA-256 of the address, hexadecimal. */
  address_hash: string;
  role: Role;
  /** SHA-256 of the link's token; the token itself is never stored. */
  token_hash: Uint8Array;
  /** The member who did; null where the account is gone. */
  invited_by: string | null;
  created_at: Timestamp;
  expires_at: Timestamp;
}
