import type { Database, Row, Tables } from "@obsqra/db";

type UserPlan = Pick<Row<Tables["users"]>, "plan">;
type SessionTimes = Pick<Row<Tables["auth_sessions"]>, "created_at" | "last_used_at"> & UserPlan;
type LiveApiKey = Pick<Row<Tables["api_keys"]>, "id" | "user_id" | "scopes" | "last_used_at"> & UserPlan;

export async function findLiveSession(
  db: Database,
  session: { readonly session_id: string; readonly user_id: string; readonly now: Date },
): Promise<SessionTimes | undefined> {
  return db
    .selectFrom("auth_sessions as session")
    .innerJoin("users", "users.id", "session.user_id")
    .select(["session.created_at", "session.last_used_at", "users.plan"])
    .where("session.id", "=", session.session_id)
    .where("session.user_id", "=", session.user_id)
    .where("session.revoked_at", "is", null)
    .where("session.expires_at", ">", session.now)
    .where("users.erased_at", "is", null)
    .executeTakeFirst();
}

export async function touchSession(
  db: Database,
  session: { readonly id: string; readonly now: Date },
): Promise<void> {
  await db
    .updateTable("auth_sessions")
    .set({ last_used_at: session.now })
    .where("id", "=", session.id)
    .execute();
}

export async function findLiveApiKey(
  db: Database,
  key: { readonly key_hash: Uint8Array; readonly now: Date },
): Promise<LiveApiKey | undefined> {
  return db
    .selectFrom("api_keys as key")
    .innerJoin("users", "users.id", "key.user_id")
    .select(["key.id", "key.user_id", "key.scopes", "key.last_used_at", "users.plan"])
    .where("key.key_hash", "=", key.key_hash)
    .where("key.revoked_at", "is", null)
    .where("key.expires_at", ">", key.now)
    .where("users.erased_at", "is", null)
    .executeTakeFirst();
}

export async function touchApiKey(
  db: Database,
  key: { readonly id: string; readonly now: Date },
): Promise<void> {
  await db.updateTable("api_keys").set({ last_used_at: key.now }).where("id", "=", key.id).execute();
}
