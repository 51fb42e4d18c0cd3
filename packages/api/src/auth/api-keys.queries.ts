import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

export type ApiKeyRow = Omit<Row<Tables["api_keys"]>, "user_id" | "key_hash">;

const columns = [
  "id",
  "name",
  "prefix",
  "scopes",
  "created_at",
  "expires_at",
  "last_used_at",
  "revoked_at",
] as const;

/** Waits until no other transaction adds keys of this user, so that the count below stays true. */
export async function lockApiKeys(trx: DatabaseTransaction, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('api_keys ' || ${userId}, 0))`.execute(trx);
}

export async function countLiveApiKeys(
  db: Database,
  keys: { readonly user_id: string; readonly now: Date },
): Promise<number> {
  const { count } = await db
    .selectFrom("api_keys")
    .select(({ fn }) => fn.countAll().as("count"))
    .where("user_id", "=", keys.user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", keys.now)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertApiKey(db: Database, row: NewRow<Tables["api_keys"]>): Promise<ApiKeyRow> {
  return db.insertInto("api_keys").values(row).returning(columns).executeTakeFirstOrThrow();
}

/** A user's keys, newest first. */
export async function listApiKeys(
  db: Database,
  page: { readonly user_id: string; readonly before: string | undefined; readonly limit: number },
): Promise<ApiKeyRow[]> {
  let query = db.selectFrom("api_keys").select(columns).where("user_id", "=", page.user_id);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  return query.orderBy("id", "desc").limit(page.limit).execute();
}

/** @returns the key, or undefined when there is none with this id that could still be revoked */
export async function revokeKey(
  db: Database,
  key: { readonly id: string; readonly user_id: string; readonly now: Date },
): Promise<ApiKeyRow | undefined> {
  return db
    .updateTable("api_keys")
    .set({ revoked_at: key.now })
    .where("id", "=", key.id)
    .where("user_id", "=", key.user_id)
    .where("revoked_at", "is", null)
    .returning(columns)
    .executeTakeFirst();
}

export async function hasApiKey(
  db: Database,
  key: { readonly id: string; readonly user_id: string },
): Promise<boolean> {
  const found = await db
    .selectFrom("api_keys")
    .select("id")
    .where("id", "=", key.id)
    .where("user_id", "=", key.user_id)
    .executeTakeFirst();
  return found !== undefined;
}
