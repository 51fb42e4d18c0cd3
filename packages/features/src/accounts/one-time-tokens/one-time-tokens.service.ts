import type { Database, DatabaseTransaction } from "@obsqra/db";
import { AppError, hashToken } from "@obsqra/platform";
import { type AccountRow, findAccount, lockAccount } from "../account.queries.ts";
import { hashAddress } from "./one-time-token.ts";
import { findOneTimeToken, type OneTimePurpose, takeOneTimeToken } from "./one-time-tokens.queries.ts";

/** An emailed link as it was opened. */
export interface OpenedLink {
  readonly token: string;
  /** What the link may be for. */
  readonly purposes: readonly OneTimePurpose[];
  readonly now: Date;
}

/** What the token of a link was made for. */
export interface TakenLink {
  readonly account: AccountRow;
  readonly purpose: OneTimePurpose;
  readonly payload: unknown;
}

/**
 * Finds the account of an emailed link that works, and leaves the link as it is.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID
 */
export async function findLink(db: Database, link: OpenedLink): Promise<AccountRow> {
  const found = await findOneTimeToken(db, { ...link, token_hash: hashToken(link.token) });
  const account = found && (await findAccount(db, found.user_id));
  return stillAt(found?.subject, account);
}

/**
 * Uses up the token of an emailed link, so that of parallel uses one wins, and locks its account. When the transaction is
 * rolled back, the link works as before.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID
 */
export async function takeLink(trx: DatabaseTransaction, link: OpenedLink): Promise<TakenLink> {
  const key = { token_hash: hashToken(link.token), now: link.now };
  const found = await findOneTimeToken(trx, { ...key, purposes: link.purposes });
  if (found === undefined) throw new AppError("ONE_TIME_TOKEN_INVALID", undefined);
  const { purpose } = found;
  const account = await lockAccount(trx, found.user_id);
  const taken = await takeOneTimeToken(trx, { ...key, purpose });
  return { account: stillAt(taken?.subject, account), purpose, payload: taken?.payload };
}

/** A link ends when its account is erased or gets another address. */
function stillAt(subject: string | undefined, account: AccountRow | undefined): AccountRow {
  if (account === undefined || subject !== hashAddress(account.email)) {
    throw new AppError("ONE_TIME_TOKEN_INVALID", undefined);
  }
  return account;
}
