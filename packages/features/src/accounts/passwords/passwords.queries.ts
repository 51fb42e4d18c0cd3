import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { insertForOwner } from "../account.queries.ts";

export async function findPasswordHash(db: Database, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("user_passwords")
    .select("hash")
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row?.hash;
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

/** Sets the hash of a user who may have had none. */
export async function upsertPasswordHash(
  trx: DatabaseTransaction,
  password: { readonly user_id: string; readonly hash: string; readonly now: Date },
): Promise<void> {
  const { hash, now } = password;
  await trx
    .insertInto("user_passwords")
    .values({ user_id: password.user_id, hash, changed_at: now })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet({ hash, changed_at: now }))
    .execute();
}

/**
 * Stores a link for a new password in the place of older ones, its mail and its event, for whoever has the address. For
 * nobody a row that runs out at once is written to the counters instead, as for a failed login: without it, the time to
 * commit would tell whether the address has an account.
 */
export async function insertPasswordReset(
  trx: DatabaseTransaction,
  reset: {
    readonly email: string;
    readonly oneTimeToken: NewRow<Tables["auth_one_time_tokens"]>;
    readonly mail: NewRow<Tables["email_outbox"]>;
    readonly event: NewRow<Tables["audit_events"]>;
    readonly decoyKey: Uint8Array;
    readonly now: Date;
  },
): Promise<void> {
  await trx
    .with("owner", (query) =>
      query
        .selectFrom("users")
        .select("id")
        .where("email", "=", reset.email)
        .where("erased_at", "is", null)
        // Before the older link, as everywhere: an erasure holds the account and then deletes its links.
        .forKeyShare(),
    )
    .with("replaced", (query) =>
      query
        .deleteFrom("auth_one_time_tokens")
        .where("purpose", "=", "password_reset")
        .where("user_id", "in", (inner) => inner.selectFrom("owner").select("owner.id")),
    )
    .with(
      "new_token",
      () => sql<Record<string, unknown>>`(${insertForOwner("auth_one_time_tokens", reset.oneTimeToken)})`,
    )
    .with("new_mail", () => sql<Record<string, unknown>>`(${insertForOwner("email_outbox", reset.mail)})`)
    .with("new_event", () => sql<Record<string, unknown>>`(${insertForOwner("audit_events", reset.event)})`)
    .with(
      "decoy",
      () => sql<Record<string, unknown>>`(insert into auth_throttle (key, attempts, next_attempt_at, reset_at)
        select ${reset.decoyKey}, 1, ${reset.now}, ${reset.now} where not exists (select from owner))`,
    )
    .selectFrom("owner")
    .select("owner.id")
    .execute();
}
