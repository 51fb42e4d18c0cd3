import type { DatabaseTransaction } from "@obsqra/db";
import { lockAccount } from "./account.queries.ts";
import { revokeApiKeys } from "./api-keys/api-keys.queries.ts";
import { deleteOneTimeTokens } from "./one-time-tokens/one-time-tokens.queries.ts";
import { endSessions } from "./sessions/sessions.queries.ts";

/** What ending somebody's access uses. */
export interface AccountAccessDependencies {
  readonly db: DatabaseTransaction;
  readonly clock: () => Date;
}

/**
 * Ends the sessions of a user. API keys go on working.
 *
 * @returns how many sessions were live
 */
export async function endAccountSessions(
  { db, clock }: AccountAccessDependencies,
  access: { readonly user_id: string; readonly reason: string },
): Promise<number> {
  await lockAccount(db, access.user_id);
  return endSessions(db, { ...access, now: clock() });
}

/** Makes everything stop working that lets somebody act for a user, but for the password. */
export async function endAccountAccess(
  deps: AccountAccessDependencies,
  access: { readonly user_id: string; readonly reason: string },
): Promise<void> {
  const { user_id } = access;
  await endAccountSessions(deps, access);
  await revokeApiKeys(deps.db, { user_id, now: deps.clock() });
  await deleteOneTimeTokens(deps.db, { user_id });
}
