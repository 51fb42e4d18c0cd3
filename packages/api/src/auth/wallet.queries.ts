import type { Database } from "@obsqra/db";

/** A challenge is known by the hash of its id and belongs to one user and one address. */
export interface ChallengeKey {
  readonly token_hash: Uint8Array;
  readonly user_id: string;
  readonly wallet_address: string;
  readonly now: Date;
}

export async function insertChallenge(
  db: Database,
  challenge: ChallengeKey & { readonly payload: unknown; readonly expires_at: Date },
): Promise<void> {
  await db
    .insertInto("auth_one_time_tokens")
    .values({
      token_hash: challenge.token_hash,
      purpose: "wallet_challenge",
      user_id: challenge.user_id,
      subject: challenge.wallet_address,
      payload: JSON.stringify(challenge.payload),
      created_at: challenge.now,
      expires_at: challenge.expires_at,
    })
    .execute();
}

export async function findChallenge(db: Database, key: ChallengeKey): Promise<unknown> {
  const row = await db
    .selectFrom("auth_one_time_tokens")
    .select("payload")
    .where("token_hash", "=", key.token_hash)
    .where("purpose", "=", "wallet_challenge")
    .where("user_id", "=", key.user_id)
    .where("subject", "=", key.wallet_address)
    .where("expires_at", ">", key.now)
    .executeTakeFirst();
  return row?.payload;
}

/** @returns whether the challenge was still there: of parallel uses only one gets true */
export async function deleteChallenge(db: Database, tokenHash: Uint8Array): Promise<boolean> {
  const row = await db
    .deleteFrom("auth_one_time_tokens")
    .where("token_hash", "=", tokenHash)
    .returning("token_hash")
    .executeTakeFirst();
  return row !== undefined;
}

/** Clears away what a user never used, so that asking for challenges cannot fill the table. */
export async function deleteExpiredChallenges(db: Database, userId: string, now: Date): Promise<void> {
  await db
    .deleteFrom("auth_one_time_tokens")
    .where("user_id", "=", userId)
    .where("purpose", "=", "wallet_challenge")
    .where("expires_at", "<=", now)
    .execute();
}
