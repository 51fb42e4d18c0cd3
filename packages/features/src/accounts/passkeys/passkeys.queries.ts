import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

export type NewPasskeyRow = NewRow<Tables["passkeys"]>;
const shown = ["id", "name", "is_synced", "created_at", "last_used_at"] as const;
export type PasskeyRow = Pick<Row<Tables["passkeys"]>, (typeof shown)[number]>;

/** What an answer of a passkey is compared with. */
export type StoredPasskey = Pick<
  Row<Tables["passkeys"]>,
  "id" | "user_id" | "public_key" | "counter" | "is_synced"
>;

/** A passkey whose answer held when it was looked at. */
export interface PasskeyUse {
  readonly id: string;
  readonly user_id: string;
  /** How often it had signed before. */
  readonly known: number;
  /** How often it has signed now, as it says. */
  readonly counter: number;
  readonly now: Date;
}

/** A user's passkeys, by time. */
export async function listPasskeys(
  db: Database,
  page: TimePage & { readonly user_id: string },
): Promise<PasskeyRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db.selectFrom("passkeys").select(shown).where("user_id", "=", page.user_id);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

/** What a browser is told of a user's passkeys, so that none is made where there is one. */
export async function listCredentials(
  db: Database,
  userId: string,
): Promise<Pick<Row<Tables["passkeys"]>, "credential_id" | "transports">[]> {
  return db
    .selectFrom("passkeys")
    .select(["credential_id", "transports"])
    .where("user_id", "=", userId)
    .orderBy("id")
    .execute();
}

export async function findPasskey(
  db: Database,
  credentialId: Uint8Array,
): Promise<StoredPasskey | undefined> {
  return db
    .selectFrom("passkeys")
    .select(["id", "user_id", "public_key", "counter", "is_synced"])
    .where("credential_id", "=", credentialId)
    .executeTakeFirst();
}

/** Stores a passkey unless its owner has as many as there may be. Lock the account before. */
export async function insertPasskey(
  trx: DatabaseTransaction,
  { row, countMax }: { readonly row: NewPasskeyRow; readonly countMax: number },
): Promise<PasskeyRow | undefined> {
  const { count } = await trx
    .selectFrom("passkeys")
    .select(sql<number>`count(*)::int`.as("count"))
    .where("user_id", "=", row.user_id)
    .executeTakeFirstOrThrow();
  if (count >= countMax) return undefined;
  return trx.insertInto("passkeys").values(row).returning(shown).executeTakeFirstOrThrow();
}

/**
 * Says that a passkey was used, so that of parallel uses of one count only one gets true.
 *
 * @returns whether it is still there, and was not used meanwhile
 */
export async function usePasskey(trx: DatabaseTransaction, use: PasskeyUse): Promise<boolean> {
  const used = await trx
    .updateTable("passkeys")
    .set({ counter: use.counter, last_used_at: use.now })
    .where("id", "=", use.id)
    .where("user_id", "=", use.user_id)
    .where((where) => where.or([where("is_synced", "=", true), where("counter", "=", use.known)]))
    .returning("id")
    .executeTakeFirst();
  return used !== undefined;
}

export async function renamePasskey(
  trx: DatabaseTransaction,
  passkey: { readonly id: string; readonly user_id: string; readonly name: string },
): Promise<PasskeyRow | undefined> {
  return trx
    .updateTable("passkeys")
    .set({ name: passkey.name })
    .where("id", "=", passkey.id)
    .where("user_id", "=", passkey.user_id)
    .returning(shown)
    .executeTakeFirst();
}

/** @returns the name that it had; undefined where there was none */
export async function deletePasskey(
  trx: DatabaseTransaction,
  passkey: { readonly id: string; readonly user_id: string },
): Promise<string | undefined> {
  const deleted = await trx
    .deleteFrom("passkeys")
    .where("id", "=", passkey.id)
    .where("user_id", "=", passkey.user_id)
    .returning("name")
    .executeTakeFirst();
  return deleted?.name;
}

/** @returns the ids of those that there were */
export async function deletePasskeys(trx: DatabaseTransaction, userId: string): Promise<string[]> {
  const deleted = await trx.deleteFrom("passkeys").where("user_id", "=", userId).returning("id").execute();
  return deleted.map(({ id }) => id);
}
