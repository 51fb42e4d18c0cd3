import type { DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";

/** Locks an account whose erasure is due and that nobody else is just erasing. */
export async function lockDueAccount(
  trx: DatabaseTransaction,
  now: Date,
): Promise<{ id: string; email: string } | undefined> {
  return trx
    .selectFrom("users")
    .select(["id", "email"])
    .where("erase_after", "<=", now)
    .orderBy("erase_after")
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** Leaves an id without a person, which the append-only facts go on to refer to. */
export async function eraseUser(
  trx: DatabaseTransaction,
  user: { readonly id: string; readonly now: Date },
): Promise<void> {
  await trx
    .updateTable("users")
    .set({
      // Unique, as the column wants it, and no address: one could be registered by somebody else before.
      email: `erased ${user.id}`,
      email_verified_at: null,
      full_name: "",
      wallet_address: null,
      preferences: "{}",
      updated_at: user.now,
      erase_after: null,
      operator_since: null,
      erased_at: user.now,
    })
    .where("id", "=", user.id)
    .execute();
}

/**
 * Deletes what a user signs in with and is reached by, what they were told of, the replies to their calls, their memberships and
 * invitations, or those of an organisation, and what ties their suggestions to the log; refresh tokens go with their sessions.
 *
 * @returns the sessions that were still live, and the API keys that still worked, the oldest first
 */
export async function deleteCredentials(
  trx: DatabaseTransaction,
  user: { readonly id: string; readonly address_hash: string; readonly now: Date },
): Promise<{ id: string; kind: "session" | "api_key" }[]> {
  return trx
    .with("passwords", (query) => query.deleteFrom("user_passwords").where("user_id", "=", user.id))
    .with("totp", (query) => query.deleteFrom("totp_factors").where("user_id", "=", user.id))
    .with("codes", (query) => query.deleteFrom("recovery_codes").where("user_id", "=", user.id))
    .with("devices", (query) => query.deleteFrom("remembered_devices").where("user_id", "=", user.id))
    .with("passkeys", (query) => query.deleteFrom("passkeys").where("user_id", "=", user.id))
    .with("challenges", (query) => query.deleteFrom("passkey_challenges").where("user_id", "=", user.id))
    .with("identities", (query) => query.deleteFrom("identities").where("user_id", "=", user.id))
    .with("attempts", (query) => query.deleteFrom("identity_attempts").where("user_id", "=", user.id))
    .with("sessions", (query) =>
      query
        .deleteFrom("auth_sessions")
        .where("user_id", "=", user.id)
        .returning(["id", "revoked_at", "expires_at"]),
    )
    .with("links", (query) => query.deleteFrom("auth_one_time_tokens").where("user_id", "=", user.id))
    .with("keys", (query) =>
      query
        .deleteFrom("api_keys")
        .where("user_id", "=", user.id)
        .returning(["id", "revoked_at", "expires_at"]),
    )
    .with("replies", (query) => query.deleteFrom("idempotency_keys").where("owner_id", "=", user.id))
    .with("replies_for_organisations", (query) =>
      query.deleteFrom("idempotency_keys").where("owner_id", "in", (some) =>
        some
          .selectFrom("organisation_members")
          .select(sql<string>`concat(organisation_id, ' ', user_id)`.as("owner_id"))
          .where((is) => is.or([is("user_id", "=", user.id), is("organisation_id", "=", user.id)])),
      ),
    )
    .with("memberships", (query) => query.deleteFrom("organisation_members").where("user_id", "=", user.id))
    .with("members", (query) =>
      query.deleteFrom("organisation_members").where("organisation_id", "=", user.id),
    )
    .with("invitations", (query) =>
      query.deleteFrom("organisation_invitations").where("organisation_id", "=", user.id),
    )
    .with("invited", (query) =>
      query.deleteFrom("organisation_invitations").where("address_hash", "=", user.address_hash),
    )
    .with("wallets", (query) => query.deleteFrom("user_wallets").where("user_id", "=", user.id))
    .with("webhooks", (query) => query.deleteFrom("webhooks").where("owner_id", "=", user.id))
    .with("tasks", (query) => query.deleteFrom("alert_tasks").where("owner_id", "=", user.id))
    .with("alerts", (query) => query.deleteFrom("alerts").where("owner_id", "=", user.id))
    .with("digests", (query) => query.deleteFrom("alert_digests").where("owner_id", "=", user.id))
    .with("risks", (query) => query.deleteFrom("risk_alerts").where("owner_id", "=", user.id))
    .with("salts", (query) => query.deleteFrom("log_salts").where("owner_id", "=", user.id))
    .with("mails", (query) => query.deleteFrom("email_outbox").where("user_id", "=", user.id))
    .selectFrom("sessions")
    .select(["id", sql.lit<"session" | "api_key">("session").as("kind")])
    .where("revoked_at", "is", null)
    .where("expires_at", ">", user.now)
    .unionAll((query) =>
      query
        .selectFrom("keys")
        .select(["id", sql.lit<"session" | "api_key">("api_key").as("kind")])
        .where("revoked_at", "is", null)
        .where("expires_at", ">", user.now),
    )
    .orderBy("id")
    .execute();
}
