import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";
import { insertForOwner } from "../account.queries.ts";

export type ApiKeyRow = Omit<
  Row<Tables["api_keys"]>,
  "user_id" | "key_hash" | "resource" | "token_expires_at"
>;

const columns = [
  "id",
  "name",
  "prefix",
  "scopes",
  "created_at",
  "expires_at",
  "last_used_at",
  "revoked_at",
  "client_id",
  "redirect_uri",
  "made_by",
] as const;

/**
 * Inserts a key unless the user has too many that work. Lock the account before, so that keys are counted one after the other.
 *
 * @returns undefined when it has
 */
export async function insertApiKey(
  trx: DatabaseTransaction,
  { row, liveMax }: { readonly row: NewRow<Tables["api_keys"]>; readonly liveMax: number },
): Promise<ApiKeyRow | undefined> {
  const { rows } = await sql<ApiKeyRow>`
    with owner as (
      select cast(${row.user_id} as uuid) as id from api_keys
      where user_id = ${row.user_id} and revoked_at is null and expires_at > ${row.created_at}
      having count(*) < ${liveMax}
    )
    ${insertForOwner("api_keys", row)}
    returning ${sql.join(columns.map((column) => sql.ref(column)))}`.execute(trx);
  return rows[0];
}

/** A user's keys by time. */
export async function listApiKeys(
  db: Database,
  page: TimePage & { readonly user_id: string },
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
 * @returns the ids of those that worked until now, the oldest first
 */
export async function revokeApiKeys(
  trx: DatabaseTransaction,
  keys: { readonly user_id: string; readonly made_before?: Date | null; readonly now: Date },
): Promise<string[]> {
  const { user_id, made_before = null, now } = keys;
  let query = trx
    .updateTable("api_keys")
    .set({ revoked_at: now })
    .where("user_id", "=", user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now);
  if (made_before !== null) query = query.where("created_at", "<", made_before);
  // In the order of their ids, whichever way the rows are found.
  return (await query.returning("id").execute()).map(({ id }) => id).toSorted();
}

/** Whether a user's key works. */
export async function isLiveApiKey(
  db: Database,
  key: { readonly id: string; readonly user_id: string; readonly now: Date },
): Promise<boolean> {
  const found = await db
    .selectFrom("api_keys")
    .select("id")
    .where("id", "=", key.id)
    .where("user_id", "=", key.user_id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", key.now)
    .executeTakeFirst();
  return found !== undefined;
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
