import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";

export type SessionRow = Omit<Row<Tables["auth_sessions"]>, "user_id" | "is_by_remembered_device">;
export type LiveSessionRow = Omit<SessionRow, "revoked_at" | "revoke_reason">;

const columns = ["id", "created_at", "last_used_at", "expires_at", "ip", "user_agent"] as const;

interface SessionsPage extends TimePage {
  readonly user_id: string;
}

/** A user's sessions by time, also those that are over. */
export async function listSessions(db: Database, page: SessionsPage): Promise<SessionRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .selectFrom("auth_sessions")
    .select([...columns, "revoked_at", "revoke_reason"])
    .where("user_id", "=", page.user_id);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

/** A user's live sessions by time. */
export async function listLiveSessions(
  db: Database,
  page: SessionsPage & { readonly now: Date },
): Promise<LiveSessionRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .selectFrom("auth_sessions")
    .select(columns)
    .where("user_id", "=", page.user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", page.now);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

/**
 * Ends all live sessions of a user, or all but one. Lock the account before, so that none is begun meanwhile.
 *
 * @returns their ids, the oldest session first: which rows the database meets first differs from time to time
 */
export async function revokeSessions(
  trx: DatabaseTransaction,
  sessions: {
    readonly user_id: string;
    readonly except?: string;
    readonly now: Date;
    readonly reason: string;
  },
): Promise<string[]> {
  const { user_id, except, now, reason } = sessions;
  let query = trx
    .updateTable("auth_sessions")
    .set({ revoked_at: now, revoke_reason: reason })
    .where("user_id", "=", user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now);
  if (except !== undefined) query = query.where("id", "<>", except);
  return (await query.returning("id").execute()).map((row) => row.id).sort();
}

/**
 * Ends a live session. Its account is locked first, by the same statement, which looks at the session again once it has the
 * lock.
 *
 * @returns whether there was such a live session: of parallel calls only one gets true
 */
export async function revokeSession(
  trx: DatabaseTransaction,
  session: {
    readonly id: string;
    readonly user_id: string;
    readonly now: Date;
    readonly reason: string;
  },
): Promise<boolean> {
  const ended = await trx
    .with("account", (query) =>
      query.selectFrom("users").select("id").where("id", "=", session.user_id).forNoKeyUpdate(),
    )
    .updateTable("auth_sessions")
    .from("account")
    .set({ revoked_at: session.now, revoke_reason: session.reason })
    .whereRef("auth_sessions.user_id", "=", "account.id")
    .where("auth_sessions.id", "=", session.id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", session.now)
    .returning("auth_sessions.id")
    .executeTakeFirst();
  return ended !== undefined;
}
