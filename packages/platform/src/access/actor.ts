import type { OrganisationRole, Permission, Plan, Scope } from "@obsqra/contract";
import type { Row, Tables } from "@obsqra/db";

/** The account of whoever is asking, a person's or, with a key of its own, an organisation's, as it was when access was decided. */
export type ActorUser = Omit<Row<Tables["users"]>, "plan" | "preferences" | "erased_at">;

/** Who is asking, and whose data it is about. Made by `authorize`, and nowhere else. */
export interface Actor {
  readonly user_id: string;
  readonly user: ActorUser;
  /**
   * Whose data is read and written: rows, cursors, limits and chains are keyed by it. The user's own id, or that of an organisation that
   * the user is a member of.
   */
  readonly owner_id: string;
  /** What the user is in the organisation; undefined for their own data, and for an organisation's key. */
  readonly role?: OrganisationRole;
  /** What that role has let the user do with this call. */
  readonly permission?: Permission;
  readonly plan: Plan;
  /** The owner's, as they are stored. */
  readonly preferences: unknown;
  /** What an API key or a member's role may do; a session may do everything with the user's own data. */
  readonly scopes: readonly Scope[] | "all";
  /** Undefined for an API key. */
  readonly session_id?: string;
  /** Undefined for a session. */
  readonly api_key_id?: string;
}

/** A user who has signed in, as opposed to an API key of theirs. */
export interface SessionActor extends Actor {
  readonly session_id: string;
  /** Whether they signed in so lately that they may change what protects the account. */
  readonly is_recent: boolean;
}

/** Whether a call is for an organisation: by a member, or with a key of its own. */
export function isForOrganisation({ role, user }: Pick<Actor, "role" | "user">): boolean {
  return role !== undefined || user.is_organisation;
}

/**
 * Whose idempotency keys a call's is among. Members of an organisation do not see each other's replies.
 *
 * @returns the owner, and who acts for it where that is somebody else
 */
export function replyOwnerOf({ owner_id, user_id }: Pick<Actor, "owner_id" | "user_id">): string {
  return owner_id === user_id ? owner_id : `${owner_id} ${user_id}`;
}
