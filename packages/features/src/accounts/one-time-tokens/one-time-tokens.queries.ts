import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { latestMoment } from "@obsqra/platform";

export type OneTimePurpose = Row<Tables["auth_one_time_tokens"]>["purpose"];
export type OneTimeTokenRow = Pick<Row<Tables["auth_one_time_tokens"]>, "user_id" | "subject" | "payload">;

export async function insertOneTimeToken(
  db: Database,
  row: NewRow<Tables["auth_one_time_tokens"]>,
): Promise<void> {
  await db.insertInto("auth_one_time_tokens").values(row).execute();
}

// A token that is from later than now was made before the clock was set back, and would work for longer than it may.

/** Looks a token up and leaves it. */
export async function findOneTimeToken(
  db: Database,
  token: {
    readonly token_hash: Uint8Array;
    readonly purposes: readonly OneTimePurpose[];
    readonly now: Date;
  },
): Promise<(OneTimeTokenRow & { purpose: OneTimePurpose }) | undefined> {
  return db
    .selectFrom("auth_one_time_tokens")
    .select(["purpose", "user_id", "subject", "payload"])
    .where("token_hash", "=", token.token_hash)
    .where("purpose", "in", token.purposes)
    .where("expires_at", ">", token.now)
    .where("created_at", "<=", latestMoment(token.now))
    .executeTakeFirst();
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
    .where("created_at", "<=", latestMoment(token.now))
    .returning(["user_id", "subject", "payload"])
    .executeTakeFirst();
}

/** @returns whether there was a live token of this kind */
export async function updateOneTimePayload(
  trx: DatabaseTransaction,
  token: {
    readonly user_id: string;
    readonly purpose: OneTimePurpose;
    readonly payload: unknown;
    readonly now: Date;
  },
): Promise<boolean> {
  const updated = await trx
    .updateTable("auth_one_time_tokens")
    .set({ payload: JSON.stringify(token.payload) })
    .where("user_id", "=", token.user_id)
    .where("purpose", "=", token.purpose)
    .where("expires_at", ">", token.now)
    .where("created_at", "<=", latestMoment(token.now))
    .returning("purpose")
    .executeTakeFirst();
  return updated !== undefined;
}

/** Deletes a user's links and challenges, those for some purposes or all. */
export async function deleteOneTimeTokens(
  db: Database,
  { user_id, purposes }: { readonly user_id: string; readonly purposes?: readonly OneTimePurpose[] },
): Promise<void> {
  let query = db.deleteFrom("auth_one_time_tokens").where("user_id", "=", user_id);
  if (purposes !== undefined) query = query.where("purpose", "in", purposes);
  await query.execute();
}
