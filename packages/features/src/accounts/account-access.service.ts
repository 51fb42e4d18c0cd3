import type { DatabaseTransaction } from "@obsqra/db";
import type { Emit } from "@obsqra/platform";
import { lockAccount } from "./account.queries.ts";
import { type ApiKeyEndReason, endApiKeys } from "./api-keys/api-key-ends.service.ts";
import { deleteOneTimeTokens } from "./one-time-tokens/one-time-tokens.queries.ts";
import { endSessions, type SessionEndReason } from "./sessions/session-ends.service.ts";

/** Whose access ends, and why. */
export interface EndingAccess {
  readonly user_id: string;
  readonly reason: SessionEndReason;
  readonly now: Date;
}

/**
 * Ends the sessions of a user. API keys go on working.
 *
 * @returns how many sessions were live
 */
export async function endAccountSessions(
  trx: DatabaseTransaction,
  emit: Emit,
  ending: EndingAccess,
): Promise<number> {
  await lockAccount(trx, ending.user_id);
  return endSessions(trx, emit, ending);
}

/** Makes everything stop working that lets somebody act for a user, but for the password. */
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
