import type { TimeOrder } from "@obsqra/contract";
import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";

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

/** A user's keys by time. */
export async function listApiKeys(
  db: Database,
  page: {
    readonly user_id: string;
    readonly sort: TimeOrder;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<ApiKeyRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db.selectFrom("api_keys").select(columns).where("user_id", "=", page.user_id);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
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

/**
 * Revokes all keys of a user, or those that were made before a moment.
 *
 * @returns how many of them worked until now
 */
export async function revokeApiKeys(
  trx: DatabaseTransaction,
  keys: { readonly user_id: string; readonly made_before?: Date | null; readonly now: Date },
): Promise<number> {
  const { user_id, made_before = null, now } = keys;
  let query = trx
    .updateTable("api_keys")
    .set({ revoked_at: now })
    .where("user_id", "=", user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now);
  if (made_before !== null) query = query.where("created_at", "<", made_before);
  return (await query.returning("id").execute()).length;
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
