import type { Database, Row, Tables } from "@obsqra/db";
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
  "erase_after",
  "erased_at",
] as const;

export async function findUser(db: Database, userId: string): Promise<UserRow | undefined> {
  return db.selectFrom("users").select(columns).where("id", "=", userId).executeTakeFirst();
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
    .returning(columns)
    .executeTakeFirst();
}

/** Links a wallet. Violates a unique constraint when another user has it. */
export async function updateWalletAddress(
  db: Database,
  change: { readonly user_id: string; readonly wallet_address: string; readonly now: Date },
): Promise<UserRow | undefined> {
  return db
    .updateTable("users")
    .set({ wallet_address: change.wallet_address, updated_at: change.now })
    .where("id", "=", change.user_id)
    .returning(columns)
    .executeTakeFirst();
}
