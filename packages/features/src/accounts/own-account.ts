import type { DatabaseTransaction } from "@obsqra/db";
import type { SessionActor } from "@obsqra/platform";
import { AppError, findLiveSession } from "@obsqra/platform";
import { type AccountRow, lockAccount } from "./account.queries.ts";

/**
 * Locks the account of the session that asks, for what would outlive that session: it may have been ended while this
 * waited, together with all that it had left behind until then.
 *
 * @throws AppError TOKEN_INVALID
 */
export async function lockOwnAccount(
  trx: DatabaseTransaction,
  { user_id, session_id }: SessionActor,
  now: Date,
): Promise<AccountRow> {
  const account = existingAccount(await lockAccount(trx, user_id));
  existingAccount(await findLiveSession(trx, { user_id, session_id, now }));
  return account;
}

/**
 * The account of a user who has got through authorisation, which may have gone since.
 *
 * @throws AppError TOKEN_INVALID when it has
 */
export function existingAccount<TAccount>(account: TAccount | undefined): TAccount {
  if (account === undefined) throw new AppError("TOKEN_INVALID", undefined);
  return account;
}
