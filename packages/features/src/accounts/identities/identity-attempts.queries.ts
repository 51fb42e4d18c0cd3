import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";
import { latestMoment } from "@obsqra/platform";

export type NewIdentityAttemptRow = NewRow<Tables["identity_attempts"]>;

/** An attempt as its browser has come back with it. */
export interface ReturnedAttempt {
  readonly attempt_hash: Uint8Array;
  /** Null where somebody signs in. */
  readonly user_id: string | null;
  readonly bound_to: string;
  readonly now: Date;
}

export async function insertIdentityAttempt(
  trx: DatabaseTransaction,
  row: NewIdentityAttemptRow,
): Promise<void> {
  await trx.insertInto("identity_attempts").values(row).execute();
}

/** Looks an attempt up and leaves it. @returns its provider */
export async function findIdentityAttempt(
  db: Database,
  { attempt_hash, user_id, bound_to, now }: ReturnedAttempt,
): Promise<string | undefined> {
  const found = await db
    .selectFrom("identity_attempts")
    .select("provider")
    .where("attempt_hash", "=", attempt_hash)
    .where("user_id", "is not distinct from", user_id)
    .where("bound_to", "=", bound_to)
    .where("expires_at", ">", now)
    // One from later than now was made before the clock was set back.
    .where("created_at", "<=", latestMoment(now))
    .executeTakeFirst();
  return found?.provider;
}

/** Takes an attempt out, so that of parallel uses only one gets it. @returns whether it was there */
export async function takeIdentityAttempt(db: Database, attemptHash: Uint8Array): Promise<boolean> {
  const taken = await db
    .deleteFrom("identity_attempts")
    .where("attempt_hash", "=", attemptHash)
    .returning("attempt_hash")
    .executeTakeFirst();
  return taken !== undefined;
}
