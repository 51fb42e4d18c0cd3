import type { Database, NewRow, Row, Tables } from "@obsqra/db";

export type OneTimePurpose = Row<Tables["auth_one_time_tokens"]>["purpose"];
export type OneTimeTokenRow = Pick<Row<Tables["auth_one_time_tokens"]>, "user_id" | "subject" | "payload">;

export async function insertOneTimeToken(
  db: Database,
  row: NewRow<Tables["auth_one_time_tokens"]>,
): Promise<void> {
  await db.insertInto("auth_one_time_tokens").values(row).execute();
}

/** Takes a token out, so that of parallel uses only one gets it. */
export async function takeOneTimeToken(
  db: Database,
  token: { readonly token_hash: Uint8Array; readonly purpose: OneTimePurpose; readonly now: Date },
): Promise<OneTimeTokenRow | undefined> {
  return db
    .deleteFrom("auth_one_time_tokens")
    .where("token_hash", "=", token.token_hash)
    .where("purpose", "=", token.purpose)
    .where("expires_at", ">", token.now)
    .returning(["user_id", "subject", "payload"])
    .executeTakeFirst();
}

/** A newer link replaces the older ones of its kind. */
export async function deleteOneTimeTokens(
  db: Database,
  tokens: { readonly user_id: string; readonly purposes: readonly OneTimePurpose[] },
): Promise<void> {
  await db
    .deleteFrom("auth_one_time_tokens")
    .where("user_id", "=", tokens.user_id)
    .where("purpose", "in", tokens.purposes)
    .execute();
}
