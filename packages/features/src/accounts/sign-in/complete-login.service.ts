import { createHash } from "node:crypto";
import type { CompletedLogin, CompleteLoginInput } from "@obsqra/contract";
import { AppError, defineCommand, hashToken, Refused } from "@obsqra/platform";
import { findAccount, lockAccount } from "../account.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { insertSessionIdentity } from "../identities/session-identities.queries.ts";
import { takeOneTimeToken } from "../one-time-tokens/one-time-tokens.queries.ts";
import { prepareRememberedDevice } from "../remembered-devices/new-device-token.ts";
import { insertRememberedDevice } from "../remembered-devices/remembered-devices.queries.ts";
import { type GivenPasskey, planAnswer, tellOwner, useAnswer } from "../second-factor/factor-answer.ts";
import { type Attempt, clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import { noticeOfNewDevice } from "./new-device.ts";
import { isLive, prepareSession } from "./new-session.ts";
import { findPendingLogin } from "./pending-login.ts";
import { insertSession } from "./sign-in.queries.ts";

/**
 * Signs in with the second factor, after the password. An answer is counted before it is looked at, for the login that waits and for its
 * account, from wherever it comes: who knows the password gains nothing by more networks or more logins.
 *
 * @throws AppError LOGIN_CHALLENGE_INVALID, CODE_INVALID, PASSKEY_REJECTED, TOO_MANY_ATTEMPTS
 */
export const completeLogin = defineCommand({
  guess: {
    count: async (deps: AuthDependencies, input: CompleteLoginInput) =>
      countAttempt(deps, attemptOn(input, (await findPendingLogin(deps, input.challenge))?.user_id)),
    forget: async (deps, input) => clearAttempts(deps, attemptOn(input, undefined)),
  },
  stillLetsIn: (deps, given: CompletedLogin) => isLive(deps, given),
  plan: async (deps: AuthDependencies, input: CompleteLoginInput) => {
    const { challenge } = input;
    const waiting = await findPendingLogin(deps, challenge);
    const account = waiting && (await findAccount(deps.db, waiting.user_id));
    if (!waiting || !account) throw new AppError("LOGIN_CHALLENGE_INVALID", undefined);
    const { user_id, by } = waiting;
    const answer = await planAnswer(deps, {
      account,
      code: answerIn(input),
      attempt: attemptOn(input, user_id),
      isTold: input.remember_device,
    });
    const { rows, tokens } = await prepareSession(deps, user_id);
    const device = input.remember_device ? prepareRememberedDevice(deps, user_id) : undefined;
    const { email, email_verified_at } = account;
    const isConfirmed = email_verified_at !== null;
    return {
      pending: { token_hash: hashToken(challenge), purpose: "pending_login", now: deps.clock() } as const,
      answer,
      refusal:
        typeof answerIn(input) === "string" ? ("CODE_INVALID" as const) : ("PASSKEY_REJECTED" as const),
      rows,
      tokens: { ...tokens, device_token: device?.token ?? null },
      device: device?.row,
      by,
      mail: await noticeOfNewDevice(deps, {
        ...{ user_id, email, isConfirmed },
        ...(by !== undefined && { method: "identity" as const }),
      }),
      audit: auditWriter(deps),
    };
  },
  write: async (trx, { pending, answer, refusal, rows, tokens, device, by, mail, audit }) => {
    const { user_id } = answer;
    // A new password, which ends logins that wait, holds the account, too.
    const account = await lockAccount(trx, user_id);
    if (account === undefined) throw new AppError("LOGIN_CHALLENGE_INVALID", undefined);
    const method = await useAnswer(trx, answer, account.email);
    if (method === undefined) return new Refused(new AppError(refusal, undefined));
    const isTaken = (await takeOneTimeToken(trx, pending)) !== undefined;
    if (!isTaken) throw new AppError("LOGIN_CHALLENGE_INVALID", undefined);
    await insertSession(trx, { ...rows, mail });
    if (by !== undefined) {
      const { identity_id, provider_session } = by;
      await insertSessionIdentity(trx, { session_id: rows.session.id, identity_id, provider_session });
    }
    if (device !== undefined) {
      const { id: device_id, ip = null, user_agent = null } = device;
      await insertRememberedDevice(trx, device);
      const notice = { template: "device_remembered", to: account.email, at: answer.at } as const;
      await tellOwner(trx, answer, { ...notice, ip, user_agent });
      await insertAuditEvent(trx, audit({ user_id, type: "device_remembered", details: { device_id } }));
    }
    const beginning = by && { provider: by.provider, identity_id: by.identity_id };
    const details = { session_id: rows.session.id, method, ...beginning };
    await insertAuditEvent(trx, audit({ user_id, type: "logged_in", details }));
    return tokens;
  },
});

/** Of a code and a passkey, the code counts; without either, it is as if the code were wrong. */
function answerIn({ challenge, code, passkey }: CompleteLoginInput): string | GivenPasskey {
  return code === undefined && passkey !== undefined ? { passkey, challenge } : (code ?? "");
}

/** @param userId whose login it is, where it still waits */
function attemptOn({ challenge }: CompleteLoginInput, userId: string | undefined): Attempt {
  const pending_login = createHash("sha256").update(challenge).digest("hex");
  return { purpose: "second_factor", subject: userId ?? pending_login, pending_login };
}
