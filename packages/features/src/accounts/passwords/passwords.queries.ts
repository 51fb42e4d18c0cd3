import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { insertForOwner, writeForAddress } from "../account.queries.ts";

export type PasswordRow = Pick<Row<Tables["user_passwords"]>, "hash" | "needs_second_factor">;

/** A password as it is stored. */
interface NewPassword {
  readonly user_id: string;
  readonly hash: string;
  readonly now: Date;
}

export async function findPassword(db: Database, userId: string): Promise<PasswordRow | undefined> {
  return db
    .selectFrom("user_passwords")
    .select(["hash", "needs_second_factor"])
    .where("user_id", "=", userId)
    .executeTakeFirst();
}

/** @returns whether the hash was still the one to replace */
export async function replacePasswordHash(
  trx: DatabaseTransaction,
  change: { readonly user_id: string; readonly from: string; readonly to: string; readonly now: Date },
): Promise<boolean> {
  const replaced = await trx
    .updateTable("user_passwords")
    .set({ hash: change.to, changed_at: change.now })
    .where("user_id", "=", change.user_id)
    .where("hash", "=", change.from)
    .returning("user_id")
    .executeTakeFirst();
  return replaced !== undefined;
}

/** Sets the hash of a user who may have had none. A second factor goes on being asked for, also where it was turned on without a password. */
export async function upsertPasswordHash(trx: DatabaseTransaction, password: NewPassword): Promise<void> {
  const { hash, now } = password;
  await insertInto(trx, password)
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet({ hash, changed_at: now }))
    .execute();
}

/** Sets the hash of a user who has none, as above. @returns whether that is so */
export async function insertPasswordHash(trx: DatabaseTransaction, password: NewPassword): Promise<boolean> {
  const inserted = await insertInto(trx, password)
    .onConflict((conflict) => conflict.column("user_id").doNothing())
    .returning("user_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

function insertInto(trx: DatabaseTransaction, { user_id, hash, now }: NewPassword) {
  return trx.insertInto("user_passwords").values({
    ...{ user_id, hash, changed_at: now },
    needs_second_factor: sql<boolean>`exists (
      select from totp_factors where user_id = ${user_id} and confirmed_at is not null
    )`,
  });
}

/**
 * Stores a link for a new password in the place of older ones, its mail and its event, for whoever has the address, in the same
 * time where nobody has it.
 */
export async function insertPasswordReset(
  trx: DatabaseTransaction,
  reset: {
    readonly email: string;
    readonly oneTimeToken: NewRow<Tables["auth_one_time_tokens"]>;
    readonly mail: NewRow<Tables["email_outbox"]>;
    readonly event: NewRow<Tables["audit_events"]>;
  },
): Promise<void> {
  await writeForAddress(trx, reset.email, {
    replaced: sql`delete from auth_one_time_tokens
      where purpose = 'password_reset' and user_id in (select id from owner)`,
    new_token: insertForOwner("auth_one_time_tokens", reset.oneTimeToken),
    new_mail: insertForOwner("email_outbox", reset.mail),
    new_event: insertForOwner("audit_events", reset.event),
  });
}

/**
 * Pauses the webhooks of a user that are sent to, or those that were made before a moment. Lock the account before.
 *
 * @returns their ids, the oldest first
 */
export async function pauseWebhooks(
  trx: DatabaseTransaction,
  choice: { readonly user_id: string; readonly made_before: Date | null; readonly now: Date },
): Promise<string[]> {
  let query = trx
    .updateTable("webhooks")
    .set({ status: "paused", updated_at: choice.now })
    .where("owner_id", "=", choice.user_id)
    .where("status", "=", "active");
  if (choice.made_before !== null) query = query.where("created_at", "<", choice.made_before);
  return (await query.returning("id").execute()).map(({ id }) => id).toSorted();
}
