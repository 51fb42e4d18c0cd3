import type { LoginWithPasskeyInput } from "@obsqra/contract";
import { AppError, defineCommand, hashToken, Refused } from "@obsqra/platform";
import { findAccount, lockAccount } from "../account.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { noticeOfNewDevice } from "../sign-in/new-device.ts";
import { isLive, prepareSession } from "../sign-in/new-session.ts";
import { programOf } from "../sign-in/pending-login.ts";
import { insertSession } from "../sign-in/sign-in.queries.ts";
import { deleteAttempts } from "../throttle/throttle.queries.ts";
import { type Attempt, attemptKeys, clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import { challengeOf, passkeyRequestOf, preparePasskeyChallenge } from "./passkey-challenge.ts";
import {
  insertPasskeyChallenge,
  type ReturnedChallenge,
  takePasskeyChallenge,
} from "./passkey-challenges.queries.ts";
import { type PasskeyUse, usePasskey } from "./passkeys.queries.ts";
import { readAnswer } from "./verify-passkey.ts";

/** Makes what a passkey has to sign, whoever it is that signs in. */
export const createPasskeyChallenge = defineCommand({
  plan: async (deps: AuthDependencies) => {
    const bound_to = programOf(deps.request);
    const { challenge, row } = preparePasskeyChallenge(deps, { user_id: null, bound_to });
    return { row, request: passkeyRequestOf(deps.relyingParty, challenge) };
  },
  write: async (trx, { row, request }) => {
    await insertPasskeyChallenge(trx, row);
    return request;
  },
});

/**
 * Signs in with a passkey alone: its device has verified its user, so that it counts as both factors. A challenge is used up whether or
 * not the answer holds; an answer that does not is an event of the account.
 *
 * @throws AppError PASSKEY_CHALLENGE_INVALID, PASSKEY_UNKNOWN, PASSKEY_REJECTED, TOO_MANY_ATTEMPTS
 */
export const loginWithPasskey = defineCommand({
  guess: {
    count: (deps: AuthDependencies, input: LoginWithPasskeyInput) => countAttempt(deps, attemptOn(input)),
    forget: (deps, input) => clearAttempts(deps, attemptOn(input)),
  },
  stillLetsIn: isLive,
  plan: async (deps: AuthDependencies, input: LoginWithPasskeyInput) => {
    const { passkey } = input;
    const challenge = challengeOf(passkey.response.clientDataJSON);
    if (challenge === undefined) throw new AppError("PASSKEY_REJECTED", undefined);
    const answered = await readAnswer(deps, passkey, challenge);
    return {
      returned: returnedForSignIn(deps, challenge),
      attempts: attemptKeys(deps, attemptOn(input)),
      failed:
        answered && prepareEvent(deps, { user_id: answered.stored.user_id, type: "second_factor_failed" }),
      begun: answered?.use && (await planSession(deps, answered.use)),
    };
  },
  write: async (trx, { returned, attempts, failed, begun }) => {
    const isTaken = await takePasskeyChallenge(trx, returned);
    if (!isTaken) throw new AppError("PASSKEY_CHALLENGE_INVALID", undefined);
    if (failed === undefined) return new Refused(new AppError("PASSKEY_UNKNOWN", undefined));
    const account = await lockAccount(trx, failed.user_id);
    if (account === undefined) return new Refused(new AppError("PASSKEY_UNKNOWN", undefined));
    if (begun === undefined || !(await usePasskey(trx, begun.use))) {
      await insertAuditEvent(trx, failed);
      return new Refused(new AppError("PASSKEY_REJECTED", undefined));
    }
    await deleteAttempts(trx, attempts);
    await insertSession(trx, { ...begun.rows, mail: begun.mail });
    await insertAuditEvent(trx, begun.event);
    return begun.tokens;
  },
});

/** A challenge of `createPasskeyChallenge`, as it came back signed. */
export function returnedForSignIn(
  { request, clock }: Pick<AuthDependencies, "request" | "clock">,
  challenge: string,
): ReturnedChallenge {
  const challenge_hash = hashToken(challenge);
  return { challenge_hash, user_id: null, bound_to: programOf(request), now: clock() };
}

async function planSession(deps: AuthDependencies, use: PasskeyUse) {
  const { user_id } = use;
  const account = await findAccount(deps.db, user_id);
  if (account === undefined) return undefined;
  const { rows, tokens } = await prepareSession(deps, user_id);
  const { email, email_verified_at } = account;
  const isConfirmed = email_verified_at !== null;
  const details = { session_id: rows.session.id, method: "passkey", passkey_id: use.id };
  return {
    use,
    rows,
    tokens,
    mail: await noticeOfNewDevice(deps, { user_id, email, isConfirmed, method: "passkey" }),
    event: prepareEvent(deps, { user_id, type: "logged_in", details }),
  };
}

/** Nobody can lock out somebody else: what is counted is who answers. */
function attemptOn({ passkey }: LoginWithPasskeyInput): Attempt {
  return { purpose: "passkey", subject: passkey.id };
}
