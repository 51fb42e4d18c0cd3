import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";
import { latestMoment } from "@obsqra/platform";

/** A challenge as it came back. */
export interface ReturnedChallenge {
  readonly challenge_hash: Uint8Array;
  /** Null where somebody signs in. */
  readonly user_id: string | null;
  readonly bound_to: string;
  readonly now: Date;
}

export async function insertPasskeyChallenge(
  trx: DatabaseTransaction,
  row: NewRow<Tables["passkey_challenges"]>,
): Promise<void> {
  await trx.insertInto("passkey_challenges").values(row).execute();
}

/**
 * Takes a challenge out, so that of parallel uses only one gets it.
 *
 * @returns whether it was there, and made for this
 */
export async function takePasskeyChallenge(
  db: Database,
  { challenge_hash, user_id, bound_to, now }: ReturnedChallenge,
): Promise<boolean> {
  const taken = await db
    .deleteFrom("passkey_challenges")
    .where("challenge_hash", "=", challenge_hash)
    .where("user_id", "is not distinct from", user_id)
    .where("bound_to", "=", bound_to)
    .where("expires_at", ">", now)
    // One from later than now was made before the clock was set back.
    .where("created_at", "<=", latestMoment(now))
    .returning("challenge_hash")
    .executeTakeFirst();
  return taken !== undefined;
}
