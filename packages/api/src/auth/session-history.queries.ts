import type { Database, Row, Tables } from "@obsqra/db";

export type SessionRow = Omit<Row<Tables["auth_sessions"]>, "user_id">;

/** A user's sessions, newest first, also those that are over. */
export async function listSessions(
  db: Database,
  page: { readonly user_id: string; readonly before: string | undefined; readonly limit: number },
): Promise<SessionRow[]> {
  let query = db
    .selectFrom("auth_sessions")
    .select([
      "id",
      "created_at",
      "last_used_at",
      "expires_at",
      "revoked_at",
      "revoke_reason",
      "ip",
      "user_agent",
    ])
    .where("user_id", "=", page.user_id);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  return query.orderBy("id", "desc").limit(page.limit).execute();
}
