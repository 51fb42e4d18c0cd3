import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

export type UserRow = Row<Tables["users"]>;

const columns = [
  "id",
  "email",
  "email_verified_at",
  "full_name",
  "wallet_address",
  "preferences",
  "created_at",
  "updated_at",
  "plan",
  "erase_after",
  "erased_at",
] as const;

export async function findUser(db: Database, userId: string): Promise<UserRow | undefined> {
  return db.selectFrom("users").select(columns).where("id", "=", userId).executeTakeFirst();
}

/** Changes the name of an account that is not erased: a tombstone must not get a name again. */
export async function updateFullName(
  db: Database,
  change: { readonly user_id: string; readonly full_name: string; readonly now: Date },
): Promise<UserRow | undefined> {
  return db
    .updateTable("users")
    .set({ full_name: change.full_name, updated_at: change.now })
    .where("id", "=", change.user_id)
    .where("erased_at", "is", null)
    .returning(columns)
    .executeTakeFirst();
}

/** Lays the given preferences over the stored ones, in one statement, so that parallel changes do not undo each other. */
export async function updatePreferences(
  db: Database,
  change: { readonly user_id: string; readonly preferences: object; readonly now: Date },
): Promise<UserRow | undefined> {
  return db
    .updateTable("users")
    .set({
      preferences: sql`preferences || ${JSON.stringify(change.preferences)}::jsonb`,
      updated_at: change.now,
    })
    .where("id", "=", change.user_id)
    .where("erased_at", "is", null)
    .returning(columns)
    .executeTakeFirst();
}

/** Locks the row of an account that is not erased. */
export async function lockUserRow(trx: DatabaseTransaction, userId: string): Promise<UserRow | undefined> {
  return (
    trx
      .selectFrom("users")
      .select(columns)
      .where("id", "=", userId)
      .where("erased_at", "is", null)
      // The strongest lock, because a change of wallet_address, a unique column, needs it: whoever takes a weaker one
      // first can be waiting for a transaction that waits in turn.
      .forUpdate()
      .executeTakeFirst()
  );
}

/** Violates a unique constraint when another user has the address. */
export async function updateWalletAddress(
  trx: DatabaseTransaction,
  change: { readonly user_id: string; readonly wallet_address: string | null; readonly now: Date },
): Promise<UserRow | undefined> {
  return trx
    .updateTable("users")
    .set({ wallet_address: change.wallet_address, updated_at: change.now })
    .where("id", "=", change.user_id)
    .returning(columns)
    .executeTakeFirst();
}
