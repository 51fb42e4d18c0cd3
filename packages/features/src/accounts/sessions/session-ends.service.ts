import type { DatabaseTransaction } from "@obsqra/db";
import type { Emit } from "@obsqra/platform";
import { revokeSession, revokeSessions } from "./sessions.queries.ts";

/** Why a session ended, as it is stored with the session and told in its event. */
export type SessionEndReason =
  | "logged out"
  | "logged out everywhere"
  | "revoked by the user"
  | "logged out at the provider"
  | "replaced"
  | "password changed"
  | "password reset"
  | "second factor turned on"
  | "refresh token replayed"
  | "deletion scheduled"
  | "ended by an operator"
  | "account erased";

/** Whose sessions end, and why. */
export interface EndingSessions {
  readonly user_id: string;
  readonly reason: SessionEndReason;
  readonly now: Date;
}

/**
 * Ends all live sessions of a user, or all but one, and emits an event for each. Lock the account before.
 *
 * @returns how many there were
 */
export async function endSessions(
  trx: DatabaseTransaction,
  emit: Emit,
  ending: EndingSessions & { readonly except?: string },
): Promise<number> {
  const ended = await revokeSessions(trx, ending);
  for (const id of ended) emitSessionEnd(emit, { ...ending, id });
  return ended.length;
}

/**
 * Ends a session, if it is live, and emits that. Locks the account.
 *
 * @returns whether it was live: of parallel calls only one gets true
 */
export async function endSession(
  trx: DatabaseTransaction,
  emit: Emit,
  ending: EndingSessions & { readonly id: string },
): Promise<boolean> {
  const hasEnded = await revokeSession(trx, ending);
  if (hasEnded) emitSessionEnd(emit, ending);
  return hasEnded;
}

/** Tells of a session that has ended, for who ends it in a statement of its own. */
export function emitSessionEnd(
  emit: Emit,
  { id, user_id, reason }: Pick<EndingSessions, "user_id" | "reason"> & { readonly id: string },
): void {
  emit({ type: "session.ended", subject: id, owner_id: user_id, payload: { user_id, reason } });
}
