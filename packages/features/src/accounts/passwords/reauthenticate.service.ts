import type { PasskeyAssertion, ReauthenticateInput, Tokens } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { AppError, defineCommand, type Emit, PlanOutdatedError, Refused } from "@obsqra/platform";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type NewAuditEventRow, prepareEvent } from "../audit/audit-event.ts";
import { lockOwnAccount } from "../own-account.ts";
import { challengeOf } from "../passkeys/passkey-challenge.ts";
import { type ReturnedChallenge, takePasskeyChallenge } from "../passkeys/passkey-challenges.queries.ts";
import { returnedForSignIn } from "../passkeys/passkey-login.service.ts";
import { type PlannedAnswer, planAnswer, useAnswer } from "../second-factor/factor-answer.ts";
import { factorAttempt, factorGuess } from "../second-factor/second-factor.service.ts";
import { type EndingSessions, endSession } from "../sessions/session-ends.service.ts";
import { isLive, type NewSession, prepareSession } from "../sign-in/new-session.ts";
import { insertSession, insertSessionOfPassword } from "../sign-in/sign-in.queries.ts";
import { passwordGuess, type SignedIn, verifyPassword } from "./own-password.ts";
import { findPassword } from "./passwords.queries.ts";

/** A session that is to begin in the place of another, and what was shown for it. */
interface Planned extends NewSession {
  readonly actor: SignedIn["actor"];
  readonly ending: EndingSessions & { readonly id: string };
  readonly event: NewAuditEventRow;
  readonly shown: Shown;
}

/** The password, or what stands in for it. */
type Shown = { readonly hash: string } | ShownFactor;

/** A code, or a passkey with the challenge that it has signed. */
interface ShownFactor {
  readonly answer: PlannedAnswer;
  readonly returned?: ReturnedChallenge;
}

/**
 * Starts a session in the place of the one that asks, once the password was given again or, where the user has a second factor, a code
 * of it, which does by itself. A passkey does in any case.
 *
 * @throws AppError PASSWORD_WRONG, also for users who have none; CODE_REQUIRED for a password where there is a second factor;
 * CODE_INVALID, PASSKEY_CHALLENGE_INVALID, PASSKEY_REJECTED, TOO_MANY_ATTEMPTS, SERVER_BUSY
 */
export const reauthenticate = defineCommand({
  guess: {
    count: (deps: SignedIn, input: ReauthenticateInput) => guessOf(input).count(deps),
    forget: (deps, input) => guessOf(input).forget(deps),
  },
  stillLetsIn: isLive,
  plan: async (deps: SignedIn, input: ReauthenticateInput): Promise<Planned> => {
    const { actor } = deps;
    const { user_id, session_id } = actor;
    const shown = await readProof(deps, input);
    return {
      ...(await prepareSession(deps, user_id)),
      actor,
      ending: { user_id, id: session_id, reason: "replaced", now: deps.clock() },
      event: prepareEvent(deps, { user_id, type: "reauthenticated" }),
      shown,
    };
  },
  write: (trx, planned, emit) => {
    const { shown } = planned;
    return "hash" in shown
      ? replaceByPassword(trx, { ...planned, ...shown }, emit)
      : replaceByFactor(trx, { ...planned, ...shown }, emit);
  },
});

function guessOf({ code, passkey }: ReauthenticateInput): typeof passwordGuess {
  return code === undefined && passkey === undefined ? passwordGuess : factorGuess;
}

async function readProof(deps: SignedIn, input: ReauthenticateInput): Promise<Shown> {
  const { password = "", code, passkey } = input;
  const { actor } = deps;
  if (code === undefined && passkey !== undefined) return readPasskey(deps, passkey);
  const stored = await findPassword(deps.db, actor.user_id);
  // Without a password, a code is all that there could be.
  const needsCode = stored === undefined ? code !== undefined : stored.needs_second_factor;
  if (!needsCode) return { hash: await verifyPassword(deps, stored, password) };
  if (code === undefined) throw new AppError("CODE_REQUIRED", undefined);
  return { answer: await planAnswer(deps, { account: actor.user, code, attempt: factorAttempt(actor) }) };
}

async function readPasskey(deps: SignedIn, passkey: PasskeyAssertion): Promise<ShownFactor> {
  const { actor } = deps;
  const challenge = challengeOf(passkey.response.clientDataJSON);
  if (challenge === undefined) throw new AppError("PASSKEY_REJECTED", undefined);
  const code = { passkey, challenge };
  return {
    answer: await planAnswer(deps, { account: actor.user, code, attempt: factorAttempt(actor) }),
    returned: returnedForSignIn(deps, challenge),
  };
}

async function replaceByPassword(
  trx: DatabaseTransaction,
  { ending, rows, tokens, event, hash }: Planned & { readonly hash: string },
  emit: Emit,
): Promise<Tokens> {
  const { user_id } = ending;
  const hasEnded = await endSession(trx, emit, ending);
  const begun = {
    ...{ ...rows, user_id, hash, newHash: undefined, event, mail: undefined },
    replaces: ending.id,
  };
  const hasBegun = await insertSessionOfPassword(trx, begun);
  if (!hasBegun) throw new PlanOutdatedError(new AppError("PASSWORD_WRONG", undefined));
  if (!hasEnded) throw new AppError("TOKEN_INVALID", undefined);
  return tokens;
}

async function replaceByFactor(
  trx: DatabaseTransaction,
  { actor, ending, rows, tokens, event, answer, returned }: Planned & ShownFactor,
  emit: Emit,
): Promise<Tokens | Refused> {
  const { email } = await lockOwnAccount(trx, actor, ending.now);
  // Used up by an answer that does not hold, too.
  const isTaken = returned === undefined || (await takePasskeyChallenge(trx, returned));
  if (!isTaken) throw new AppError("PASSKEY_CHALLENGE_INVALID", undefined);
  if ((await useAnswer(trx, answer, email)) === undefined) {
    const code = returned === undefined ? "CODE_INVALID" : "PASSKEY_REJECTED";
    return new Refused(new AppError(code, undefined));
  }
  await endSession(trx, emit, ending);
  await insertSession(trx, { ...rows, mail: undefined, replaces: ending.id });
  await insertAuditEvent(trx, event);
  return tokens;
}
