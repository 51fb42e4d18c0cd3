import type { ChangePasswordInput, RequestPasswordResetInput, ResetPasswordInput } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { AppError, defineCommand, PlanOutdatedError } from "@obsqra/platform";
import { insertMail, mailWriter, type NewEmailRow, prepareEmail } from "../../mail/outbox.service.ts";
import { confirmAddress, lockAccount } from "../account.queries.ts";
import { endApiKeys } from "../api-keys/api-key-ends.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditWriter, auditWriter, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { countMailToUnconfirmed } from "../email-addresses/unconfirmed-mail.ts";
import { deleteIdentities } from "../identities/identities.queries.ts";
import { prepareOneTimeToken } from "../one-time-tokens/one-time-token.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-tokens.queries.ts";
import { findLink, takeLink } from "../one-time-tokens/one-time-tokens.service.ts";
import { existingAccount } from "../own-account.ts";
import { deletePasskeys } from "../passkeys/passkeys.queries.ts";
import { deleteRememberedDevices } from "../remembered-devices/remembered-devices.queries.ts";
import { deleteSecondFactor, setNeedsSecondFactor } from "../second-factor/second-factor.queries.ts";
import { endSessions } from "../sessions/session-ends.service.ts";
import { countAttempt } from "../throttle/throttle.service.ts";
import { unlinkAllWallets } from "../wallets/primary-wallet.service.ts";
import { passwordGuess, type SignedIn, verifyPassword } from "./own-password.ts";
import { assertGoodPassword } from "./password-rules.ts";
import {
  findPassword,
  insertPasswordHash,
  insertPasswordReset,
  pauseWebhooks,
  replacePasswordHash,
  upsertPasswordHash,
} from "./passwords.queries.ts";

/** What a new password ends: links for another one, and logins and changes of address that an intruder may have begun. */
const endedByNewPassword = [
  "password_reset",
  "email_change_old",
  "email_change_new",
  "pending_login",
] as const;

/**
 * Replaces the password, ends the user's other sessions, revokes the API keys and pauses the webhooks, unless they are to be kept.
 *
 * Where the user has a second factor, the password does not do: the session has to be a recent one, too. A user without a password gets a
 * first one by a recent session alone, which could add a passkey as well.
 *
 * @throws AppError PASSWORD_WRONG, also of users who have none and when another change came first; REAUTHENTICATION_NEEDED,
 * PASSWORD_REJECTED, TOO_MANY_ATTEMPTS, SERVER_BUSY
 */
export const changePassword = defineCommand({
  guess: passwordGuess,
  plan: async (deps: SignedIn, input: ChangePasswordInput, attempt) => {
    const { user_id, user, session_id, is_recent } = deps.actor;
    const password = await findPassword(deps.db, user_id);
    const { current_password } = input;
    const isFirst = password === undefined && current_password === undefined;
    if ((isFirst || password?.needs_second_factor === true) && !is_recent) {
      throw new AppError("REAUTHENTICATION_NEEDED", undefined);
    }
    const from = isFirst ? undefined : await verifyPassword(deps, password, current_password ?? "");
    assertGoodPassword(input.new_password, user);
    if (attempt === 1) await countMailToUnconfirmed(deps);
    const to = await deps.passwordHasher.hash(input.new_password);
    const now = deps.clock();
    return {
      change: { user_id, from, to, now },
      ending: { user_id, except: session_id, reason: "password changed", now } as const,
      keepsKeys: input.keep_api_keys,
      notice: noticeOf(deps, user_id, now),
      audit: auditWriter(deps),
    };
  },
  write: async (trx, { change, ending, keepsKeys, notice, audit }, emit) => {
    const { user_id } = change;
    const { email } = existingAccount(await lockAccount(trx, user_id));
    const { from } = change;
    const isReplaced =
      from === undefined
        ? await insertPasswordHash(trx, { ...change, hash: change.to })
        : await replacePasswordHash(trx, { ...change, from });
    if (!isReplaced) throw new PlanOutdatedError(new AppError("PASSWORD_WRONG", undefined));
    // After the hash: a session that was begun with the old password is either ended here or refused there.
    await endSessions(trx, emit, ending);
    await deleteRememberedDevices(trx, user_id);
    await deleteOneTimeTokens(trx, { user_id, purposes: endedByNewPassword });
    const api_keys_revoked = keepsKeys ? 0 : await endApiKeys(trx, emit, ending);
    if (!keepsKeys) await stopWebhooks(trx, audit, { ...ending, made_before: null });
    await insertMail(trx, notice(email, keepsKeys));
    const details = { api_keys_revoked };
    await insertAuditEvent(trx, audit({ user_id, type: "password_changed", details }));
    emit({ type: "password.changed", subject: user_id, owner_id: user_id, payload: { user_id } });
    return undefined;
  },
});

/**
 * Has a link for a new password sent to an address, if it has an account. The work is the same if it has none.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export const requestPasswordReset = defineCommand({
  plan: async (deps: AuthDependencies, { email }: RequestPasswordResetInput, attempt) => {
    if (attempt === 1) await countAttempt(deps, { purpose: "email", subject: email });
    // Only the statement knows whose it is.
    const user_id = "";
    const { token, row } = prepareOneTimeToken(deps, { purpose: "password_reset", user_id, email });
    return {
      email,
      oneTimeToken: row,
      mail: prepareEmail(deps, null, { template: "password_reset", to: email, token }),
      event: prepareEvent(deps, { user_id, type: "password_reset_requested" }),
    };
  },
  write: async (trx, reset) => {
    await insertPasswordReset(trx, reset);
    return undefined;
  },
});

/**
 * Sets a password with an emailed link, ends all sessions, removes all passkeys, unlinks all identities, revokes the API keys and pauses the webhooks, unless they are to be kept.
 * What was done before anybody had shown that the address is theirs may be a stranger's work: such keys go and such webhooks are
 * paused in any case, and wallets are unlinked and the second factor is turned off where this is what shows it. A password that is refused leaves the link usable.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID, PASSWORD_REJECTED, SERVER_BUSY
 */
export const resetPassword = defineCommand({
  plan: async (deps: AuthDependencies, input: ResetPasswordInput) => {
    const now = deps.clock();
    const link = { token: input.token, purposes: ["password_reset"], now } as const;
    // Looked up first, so that nonsense costs no hash.
    const account = await findLink(deps.db, link);
    assertGoodPassword(input.new_password, account);
    const hash = await deps.passwordHasher.hash(input.new_password);
    return {
      link,
      hash,
      keepsKeys: input.keep_api_keys,
      ending: { user_id: account.id, reason: "password reset", now } as const,
      notice: noticeOf(deps, account.id, now),
      audit: auditWriter(deps),
    };
  },
  write: async (trx, { link, hash, keepsKeys, ending, notice, audit }, emit) => {
    const { user_id, now } = ending;
    const { account } = await takeLink(trx, link);
    await upsertPasswordHash(trx, { user_id, hash, now });
    await endSessions(trx, emit, ending);
    await deleteRememberedDevices(trx, user_id);
    const passkeys = await deletePasskeys(trx, user_id);
    for (const passkey_id of passkeys) {
      await insertAuditEvent(trx, audit({ user_id, type: "passkey_removed", details: { passkey_id } }));
    }
    const identities = await deleteIdentities(trx, user_id);
    for (const { id: identity_id, issuer, email } of identities) {
      const details = { identity_id, issuer, email };
      await insertAuditEvent(trx, audit({ user_id, type: "identity_unlinked", details }));
    }
    await deleteOneTimeTokens(trx, { user_id });
    const { email, email_verified_at } = account;
    const made_before = keepsKeys ? email_verified_at : null;
    const api_keys_revoked = await endApiKeys(trx, emit, { ...ending, made_before });
    await stopWebhooks(trx, audit, { ...ending, made_before });
    const wallets_unlinked = email_verified_at === null ? await unlinkAllWallets(trx, { user_id, now }) : [];
    const isFactorOff = email_verified_at === null && (await turnFactorOff(trx, user_id));
    if (isFactorOff) await insertAuditEvent(trx, audit({ user_id, type: "second_factor_disabled" }));
    await confirmAddress(trx, { id: user_id, now });
    const gone = { passkeys: passkeys.length > 0, identities: identities.length > 0, factor: isFactorOff };
    await insertMail(trx, notice(email, keepsKeys && email_verified_at !== null, gone));
    const details = { api_keys_revoked, wallets_unlinked };
    await insertAuditEvent(trx, audit({ user_id, type: "password_reset", details }));
    emit({ type: "password.reset", subject: user_id, owner_id: user_id, payload: { user_id } });
    return undefined;
  },
});

/** A stranger's app would keep the owner of the address out for good. @returns whether there was one */
async function turnFactorOff(trx: DatabaseTransaction, userId: string): Promise<boolean> {
  const wasOn = await deleteSecondFactor(trx, userId);
  if (wasOn) await setNeedsSecondFactor(trx, { user_id: userId, needs: false });
  return wasOn;
}

/** Whoever has made a webhook, or has changed where it sends to, gets to know what the account does, without a session or a key. */
async function stopWebhooks(
  trx: DatabaseTransaction,
  audit: AuditWriter,
  choice: Parameters<typeof pauseWebhooks>[1],
): Promise<void> {
  const { user_id } = choice;
  for (const id of await pauseWebhooks(trx, choice)) {
    const details = { id, status: "paused" };
    await insertAuditEvent(trx, audit({ user_id, type: "webhook_changed", details }));
  }
}

/** Makes the mail about a new password for the address that the account has when it is written. */
function noticeOf(
  deps: AuthDependencies,
  userId: string,
  now: Date,
): (
  to: string,
  keepsKeys: boolean,
  gone?: { readonly passkeys: boolean; readonly identities: boolean; readonly factor: boolean },
) => NewEmailRow {
  const write = mailWriter(deps);
  const at = now.toISOString();
  return (to, keepsKeys, gone) =>
    write(userId, {
      template: "password_changed",
      to,
      at,
      api_keys: keepsKeys ? "kept" : "revoked",
      ...(gone?.passkeys === true && { passkeys: "removed" as const }),
      ...(gone?.identities === true && { identities: "unlinked" as const }),
      ...(gone?.factor === true && { second_factor: "turned off" as const }),
    });
}
