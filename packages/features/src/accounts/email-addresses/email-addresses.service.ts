import type { VerifyEmailInput } from "@obsqra/contract";
import type { SessionActor } from "@obsqra/platform";
import { queueEmail } from "../../mail/outbox.service.ts";
import { confirmAddress, findAccount, lockAccount } from "../account.queries.ts";
import { recordEvent } from "../audit/audit.service.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { existingAccount } from "../existing-account.ts";
import { prepareOneTimeToken } from "../one-time-tokens/one-time-token.ts";
import { deleteOneTimeTokens, insertOneTimeToken } from "../one-time-tokens/one-time-tokens.queries.ts";
import { takeLink } from "../one-time-tokens/one-time-tokens.service.ts";
import { countAttempt } from "../throttle/throttle.service.ts";

/**
 * Sends the link that confirms the user's address, in the place of older ones. Nothing is sent to a confirmed address.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function requestEmailVerification(
  deps: AuthDependencies & { readonly actor: SessionActor },
): Promise<undefined> {
  const { user_id } = deps.actor;
  const { email: subject } = existingAccount(await findAccount(deps.db, user_id));
  await countAttempt(deps, { purpose: "email", subject });
  await deps.db.transaction().execute(async (trx) => {
    const { email, email_verified_at } = existingAccount(await lockAccount(trx, user_id));
    if (email_verified_at !== null) return;
    const within = { ...deps, db: trx };
    await deleteOneTimeTokens(trx, { user_id, purposes: ["email_verification"] });
    const { token, row } = prepareOneTimeToken(deps, { purpose: "email_verification", user_id, email });
    await insertOneTimeToken(trx, row);
    await queueEmail(within, user_id, { template: "email_verification", to: email, token });
    await recordEvent(within, { user_id, type: "email_verification_requested" });
  });
}

/**
 * Confirms the address that an emailed link was sent to, while it is the account's. Changes of address that are under way
 * end: they were to do without this mailbox, and from now on it has to agree.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID
 */
export async function verifyEmail(deps: AuthDependencies, { token }: VerifyEmailInput): Promise<undefined> {
  const now = deps.clock();
  await deps.db.transaction().execute(async (trx) => {
    const { account } = await takeLink(trx, { token, purposes: ["email_verification"], now });
    await confirmAddress(trx, { id: account.id, now });
    await deleteOneTimeTokens(trx, {
      user_id: account.id,
      purposes: ["email_change_old", "email_change_new"],
    });
    await recordEvent({ ...deps, db: trx }, { user_id: account.id, type: "email_verified" });
  });
}
