import type {
  ChangePasswordInput,
  ReauthenticateInput,
  RequestPasswordResetInput,
  ResetPasswordInput,
  Tokens,
} from "@obsqra/contract";
import type { SessionActor } from "@obsqra/platform";
import { AppError } from "@obsqra/platform";
import { prepareEmail, queueEmail } from "../../mail/outbox.service.ts";
import { confirmAddress, findAccount, lockAccount } from "../account.queries.ts";
import { revokeApiKeys } from "../api-keys/api-keys.queries.ts";
import { recordEvent } from "../audit/audit.service.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { countMailToUnconfirmed } from "../email-addresses/unconfirmed-mail.ts";
import { existingAccount } from "../existing-account.ts";
import { prepareOneTimeToken } from "../one-time-tokens/one-time-token.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-tokens.queries.ts";
import { findLink, takeLink } from "../one-time-tokens/one-time-tokens.service.ts";
import { endSession, endSessions } from "../sessions/sessions.queries.ts";
import { insertSession } from "../sign-in/auth.queries.ts";
import { prepareSession, toTokens } from "../sign-in/new-session.ts";
import { clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import { assertGoodPassword } from "./password-rules.ts";
import {
  findPasswordHash,
  insertPasswordReset,
  replacePasswordHash,
  upsertPasswordHash,
} from "./passwords.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** What a new password ends: links for another one, and changes of address that an intruder may have begun. */
const endedByNewPassword = ["password_reset", "email_change_old", "email_change_new"] as const;

/**
 * Starts a session in the place of the one that asks, once the password was given again.
 *
 * @throws AppError PASSWORD_WRONG, also for users who have none; TOO_MANY_ATTEMPTS, SERVER_BUSY
 */
export async function reauthenticate(deps: SignedIn, input: ReauthenticateInput): Promise<Tokens> {
  const { user_id, session_id } = deps.actor;
  const hash = await verifyPassword(deps, input.password);
  const { rows, token } = prepareSession(deps, user_id);
  await deps.db.transaction().execute(async (trx) => {
    await lockAccount(trx, user_id);
    const isUnchanged = (await findPasswordHash(trx, user_id)) === hash;
    if (!isUnchanged) throw new AppError("PASSWORD_WRONG", undefined);
    const ended = await endSession(trx, { id: session_id, user_id, now: deps.clock(), reason: "replaced" });
    if (!ended) throw new AppError("TOKEN_INVALID", undefined);
    await insertSession(trx, rows);
    await recordEvent({ ...deps, db: trx }, { user_id, type: "reauthenticated" });
  });
  return toTokens(deps, { user_id, session_id: rows.session.id }, token);
}

/**
 * Replaces the password and ends the user's other sessions.
 *
 * @throws AppError PASSWORD_WRONG, also for users who have none and when another change came first; PASSWORD_REJECTED,
 * TOO_MANY_ATTEMPTS, SERVER_BUSY
 */
export async function changePassword(deps: SignedIn, input: ChangePasswordInput): Promise<undefined> {
  const { user_id, session_id } = deps.actor;
  const from = await verifyPassword(deps, input.current_password);
  const account = existingAccount(await findAccount(deps.db, user_id));
  assertGoodPassword(input.new_password, account);
  await countMailToUnconfirmed(deps);
  // Hashed before the transaction, which would hold PGlite's one connection meanwhile.
  const to = await deps.passwordHasher.hash(input.new_password);
  const now = deps.clock();
  await deps.db.transaction().execute(async (trx) => {
    const { email } = existingAccount(await lockAccount(trx, user_id));
    const isReplaced = await replacePasswordHash(trx, { user_id, from, to, now });
    if (!isReplaced) throw new AppError("PASSWORD_WRONG", undefined);
    // After the hash: a session that was begun with the old password is either ended here or refused there.
    await endSessions(trx, { user_id, except: session_id, now, reason: "password changed" });
    await deleteOneTimeTokens(trx, { user_id, purposes: endedByNewPassword });
    const within = { ...deps, db: trx };
    await recordEvent(within, { user_id, type: "password_changed" });
    await queueEmail(within, user_id, { template: "password_changed", to: email, at: now.toISOString() });
  });
}

/**
 * Has a link for a new password sent to an address, if it has an account. The work is the same if it has none.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function requestPasswordReset(
  deps: AuthDependencies,
  { email }: RequestPasswordResetInput,
): Promise<undefined> {
  await countAttempt(deps, { purpose: "email", subject: email });
  // Only the statement knows whose it is.
  const user_id = "";
  const { token, row } = prepareOneTimeToken(deps, { purpose: "password_reset", user_id, email });
  await insertPasswordReset(deps.db, {
    email,
    oneTimeToken: row,
    mail: prepareEmail(deps, null, { template: "password_reset", to: email, token }),
    event: prepareEvent(deps, { user_id, type: "password_reset_requested" }),
    decoyKey: deps.randomBytes(32),
    now: deps.clock(),
  });
}

/**
 * Sets a password with an emailed link and ends all sessions. A password that is refused leaves the link usable.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID, PASSWORD_REJECTED, SERVER_BUSY
 */
export async function resetPassword(deps: AuthDependencies, input: ResetPasswordInput): Promise<undefined> {
  const now = deps.clock();
  const link = { token: input.token, purposes: ["password_reset"], now } as const;
  // Looked up first, so that nonsense costs no hash.
  assertGoodPassword(input.new_password, await findLink(deps.db, link));
  const hash = await deps.passwordHasher.hash(input.new_password);
  await deps.db.transaction().execute(async (trx) => {
    const { account } = await takeLink(trx, link);
    const user_id = account.id;
    await upsertPasswordHash(trx, { user_id, hash, now });
    await endSessions(trx, { user_id, now, reason: "password reset" });
    await deleteOneTimeTokens(trx, { user_id, purposes: endedByNewPassword });
    // Whoever made keys before the address was confirmed has not shown that it is theirs, even if its owner has since.
    const revoked = await revokeApiKeys(trx, { user_id, made_before: account.email_verified_at, now });
    await confirmAddress(trx, { id: user_id, now });
    const within = { ...deps, db: trx };
    await recordEvent(within, { user_id, type: "password_reset", details: { api_keys_revoked: revoked } });
    await queueEmail(within, user_id, {
      template: "password_changed",
      to: account.email,
      at: now.toISOString(),
    });
  });
}

/**
 * Checks the password of the user who asks.
 *
 * @returns its hash
 * @throws AppError PASSWORD_WRONG, TOO_MANY_ATTEMPTS, SERVER_BUSY
 */
async function verifyPassword(deps: SignedIn, password: string): Promise<string> {
  const { user_id } = deps.actor;
  const attempt = { purpose: "password", subject: user_id } as const;
  await countAttempt(deps, attempt);
  const hash = await findPasswordHash(deps.db, user_id);
  const matches = await deps.passwordHasher.verify(hash, password);
  if (hash === undefined || !matches) throw new AppError("PASSWORD_WRONG", undefined);
  await clearAttempts(deps, attempt);
  return hash;
}
