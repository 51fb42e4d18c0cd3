import type { DatabaseTransaction } from "@obsqra/db";
import { type Actor, AppError, type Emit, findLiveSession } from "@obsqra/platform";
import { type AccountRow, lockAccount } from "./account.queries.ts";
import { type ApiKeyEndReason, endApiKeys } from "./api-keys/api-key-ends.service.ts";
import { isLiveApiKey } from "./api-keys/api-keys.queries.ts";
import { deleteOneTimeTokens } from "./one-time-tokens/one-time-tokens.queries.ts";
import { lockMembership } from "./organisations/acting-member.ts";
import { existingAccount } from "./own-account.ts";
import { deleteRememberedDevices } from "./remembered-devices/remembered-devices.queries.ts";
import { endSessions, type SessionEndReason } from "./sessions/session-ends.service.ts";

/** Whose access ends, and why. */
export interface EndingAccess {
  readonly user_id: string;
  readonly reason: SessionEndReason;
  readonly now: Date;
}

/**
 * Ends the sessions of a user, and forgets the devices that could begin one by the password alone. API keys go on working.
 *
 * @returns how many sessions were live
 */
export async function endAccountSessions(
  trx: DatabaseTransaction,
  emit: Emit,
  ending: EndingAccess,
): Promise<number> {
  await lockAccount(trx, ending.user_id);
  await deleteRememberedDevices(trx, ending.user_id);
  return endSessions(trx, emit, ending);
}

/** Makes everything stop working that lets somebody act for a user, but for the password and passkeys. */
export async function endAccountAccess(
  trx: DatabaseTransaction,
  emit: Emit,
  ending: EndingAccess & { readonly reason: ApiKeyEndReason },
): Promise<void> {
  const { user_id } = ending;
  await endAccountSessions(trx, emit, ending);
  await endApiKeys(trx, emit, ending);
  await deleteOneTimeTokens(trx, { user_id });
}

/**
 * Locks the account of whoever asks, and the organisation that they ask for, for what outlives their session, API key or membership: it
 * may have ended while this waited.
 *
 * @throws AppError TOKEN_INVALID, API_KEY_INVALID, ORGANISATION_NOT_FOUND, ROLE_INSUFFICIENT
 */
export async function lockActingAccount(
  trx: DatabaseTransaction,
  actor: Actor,
  now: Date,
): Promise<AccountRow> {
  const { user_id, session_id, api_key_id, role } = actor;
  const account = existingAccount(await lockAccount(trx, user_id));
  if (session_id !== undefined) existingAccount(await findLiveSession(trx, { user_id, session_id, now }));
  if (api_key_id !== undefined && !(await isLiveApiKey(trx, { id: api_key_id, user_id, now }))) {
    throw new AppError("API_KEY_INVALID", undefined);
  }
  if (role !== undefined) await lockMembership(trx, actor);
  return account;
}
