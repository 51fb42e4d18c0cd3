import type { Plan, Scope } from "@obsqra/contract";
import type { Row, Tables } from "@obsqra/db";

/** The account of whoever is asking, as it was when access was decided. */
export type ActorUser = Omit<Row<Tables["users"]>, "plan" | "preferences" | "erased_at">;

/** Who is asking, and whose data it is about. Made by `authorize`, and nowhere else. */
export interface Actor {
  readonly user_id: string;
  readonly user: ActorUser;
  /** Whose data is read and written: rows, cursors, limits and chains are keyed by it. Today the user's own id. */
  readonly owner_id: string;
  readonly plan: Plan;
  /** The owner's, as they are stored. */
  readonly preferences: unknown;
  /** What an API key may do; a session may do everything. */
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
