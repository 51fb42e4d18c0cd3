import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

export type UserRow = Omit<Row<Tables["users"]>, "operator_since" | "is_organisation">;

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

/** The preferences of an account that is not erased. Nothing is locked. */
export async function findPreferences(
  db: Database,
  userId: string,
): Promise<Pick<UserRow, "preferences"> | undefined> {
  return db
    .selectFrom("users")
    .select("preferences")
    .where("id", "=", userId)
    .where("erased_at", "is", null)
    .executeTakeFirst();
}

/** Changes the name of an account that is not erased: a tombstone must not get a name again. */
export async function updateFullName(
  trx: DatabaseTransaction,
  change: { readonly user_id: string; readonly full_name: string; readonly now: Date },
): Promise<UserRow | undefined> {
  return trx
    .updateTable("users")
    .set({ full_name: change.full_name, updated_at: change.now })
    .where("id", "=", change.user_id)
    .where("erased_at", "is", null)
    .returning(columns)
    .executeTakeFirst();
}

/** Lays the given preferences over the stored ones, in one statement, so that parallel changes do not undo each other. */
export async function updatePreferences(
  trx: DatabaseTransaction,
  change: { readonly user_id: string; readonly preferences: object; readonly now: Date },
): Promise<UserRow | undefined> {
  return trx
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

/** Locks the rows of accounts that are not erased, in the order of their ids. */
export async function lockUserRows(trx: DatabaseTransaction, userIds: readonly string[]): Promise<UserRow[]> {
  return (
    trx
      .selectFrom("users")
      .select(columns)
      .where("id", "in", userIds)
      .where("erased_at", "is", null)
      .orderBy("id")
      // The strongest lock, because a change of wallet_address, a unique column, needs it: whoever takes a weaker one
      // first can be waiting for a transaction that waits in turn.
      .forUpdate()
      .execute()
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
