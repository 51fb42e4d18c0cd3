import type { TimeOrder } from "@obsqra/contract";
import type { Database, Row, Tables } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";

export type SessionRow = Omit<Row<Tables["auth_sessions"]>, "user_id">;
export type LiveSessionRow = Omit<SessionRow, "revoked_at" | "revoke_reason">;

const columns = ["id", "created_at", "last_used_at", "expires_at", "ip", "user_agent"] as const;

interface SessionsPage {
  readonly user_id: string;
  readonly sort: TimeOrder;
  readonly after: string | undefined;
  readonly limit: number;
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

/**
 * Ends all live sessions of a user, or all but one.
 *
 * @returns how many there were
 */
export async function endSessions(
  db: Database,
  sessions: {
    readonly user_id: string;
    readonly except?: string;
    readonly now: Date;
    readonly reason: string;
  },
): Promise<number> {
  let query = db
    .updateTable("auth_sessions")
    .set({ revoked_at: sessions.now, revoke_reason: sessions.reason })
    .where("user_id", "=", sessions.user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", sessions.now);
  if (sessions.except !== undefined) query = query.where("id", "<>", sessions.except);
  return (await query.returning("id").execute()).length;
}
