import type { DatabaseTransaction } from "@obsqra/db";

/** Ends a user's sessions, revokes the API keys and deletes all outstanding links and challenges, in one statement. */
export async function endAllAccess(
  trx: DatabaseTransaction,
  access: { readonly user_id: string; readonly now: Date; readonly reason: string },
): Promise<void> {
  const { user_id, now, reason } = access;
  await trx
    .with("ended_sessions", (query) =>
      query
        .updateTable("auth_sessions")
        .set({ revoked_at: now, revoke_reason: reason })
        .where("user_id", "=", user_id)
        .where("revoked_at", "is", null),
    )
    .with("revoked_keys", (query) =>
      query
        .updateTable("api_keys")
        .set({ revoked_at: now })
        .where("user_id", "=", user_id)
        .where("revoked_at", "is", null),
    )
    .deleteFrom("auth_one_time_tokens")
    .where("user_id", "=", user_id)
    .execute();
}
