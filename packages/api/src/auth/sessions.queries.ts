import type { Database, Row, Tables } from "@obsqra/db";

export type LiveSessionRow = Omit<Row<Tables["auth_sessions"]>, "user_id" | "revoked_at" | "revoke_reason">;

/** A user's live sessions, newest first. */
export async function listLiveSessions(
  db: Database,
  page: {
    readonly user_id: string;
    readonly before: string | undefined;
    readonly limit: number;
    readonly now: Date;
  },
): Promise<LiveSessionRow[]> {
  let query = db
    .selectFrom("auth_sessions")
    .select(["id", "created_at", "last_used_at", "expires_at", "ip", "user_agent"])
    .where("user_id", "=", page.user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", page.now);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  return query.orderBy("id", "desc").limit(page.limit).execute();
}

/** @returns whether there was such a live session: of parallel calls only one gets true */
export async function endSession(
  db: Database,
  session: {
    readonly id: string;
    readonly user_id: string;
    readonly now: Date;
    readonly reason: string;
  },
): Promise<boolean> {
  const ended = await db
    .updateTable("auth_sessions")
    .set({ revoked_at: session.now, revoke_reason: session.reason })
    .where("id", "=", session.id)
    .where("user_id", "=", session.user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", session.now)
    .returning("id")
    .executeTakeFirst();
  return ended !== undefined;
}

/** Ends all sessions of a user, or all but one. */
export async function endSessions(
  db: Database,
  sessions: {
    readonly user_id: string;
    readonly except?: string;
    readonly now: Date;
    readonly reason: string;
  },
): Promise<void> {
  let query = db
    .updateTable("auth_sessions")
    .set({ revoked_at: sessions.now, revoke_reason: sessions.reason })
    .where("user_id", "=", sessions.user_id)
    .where("revoked_at", "is", null);
  if (sessions.except !== undefined) query = query.where("id", "<>", sessions.except);
  await query.execute();
}
