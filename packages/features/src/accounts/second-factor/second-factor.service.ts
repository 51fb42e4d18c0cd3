import type { FactorInput, SecondFactor } from "@obsqra/contract";
import { AppError, defineCommand, Refused, type SessionActor } from "@obsqra/platform";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-tokens.queries.ts";
import { lockOwnAccount } from "../own-account.ts";
import { type Attempt, clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import { planAnswer, tellOwner, useAnswer } from "./factor-answer.ts";
import { createRecoveryCodes } from "./recovery-codes.ts";
import {
  deleteSecondFactor,
  findSecondFactor,
  replaceRecoveryCodes,
  setNeedsSecondFactor,
} from "./second-factor.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** Whoever has got hold of a session could guess at codes. They are counted for the account, from wherever they come. */
export const factorGuess = {
  count: (deps: SignedIn) => countAttempt(deps, factorAttempt(deps.actor)),
  forget: (deps: SignedIn) => clearAttempts(deps, factorAttempt(deps.actor)),
};

/** As which a code that somebody gives who is signed in is counted. */
export function factorAttempt({ user_id }: Pick<SessionActor, "user_id">): Attempt {
  return { purpose: "second_factor", subject: user_id };
}

/** Whether signing in takes a second factor, and which. */
export async function getSecondFactor({ db, actor }: SignedIn): Promise<SecondFactor> {
  const found = await findSecondFactor(db, actor.user_id);
  const confirmed_at = found?.confirmed_at ?? null;
  return {
    is_on: confirmed_at !== null,
    totp_confirmed_at: confirmed_at?.toISOString() ?? null,
    recovery_codes_left: found?.recovery_codes_left ?? 0,
  };
}

/**
 * Turns the second factor off, and tells the owner. The password does not do: somebody may know it.
 *
 * @throws AppError SECOND_FACTOR_OFF, CODE_INVALID, TOO_MANY_ATTEMPTS
 */
export const turnOffSecondFactor = defineCommand({
  guess: factorGuess,
  plan: planChange,
  write: async (trx, { actor, answer, now }) => {
    const { user_id } = actor;
    const { email: to } = await lockOwnAccount(trx, actor, now);
    if ((await useAnswer(trx, answer, to)) === undefined) return codeInvalid();
    await setNeedsSecondFactor(trx, { user_id, needs: false });
    await deleteSecondFactor(trx, user_id);
    await deleteOneTimeTokens(trx, { user_id, purposes: ["pending_login"] });
    await tellOwner(trx, answer, { template: "second_factor_disabled", to, at: answer.at });
    await insertAuditEvent(trx, answer.audit({ user_id, type: "second_factor_disabled" }));
    return undefined;
  },
});

/**
 * Replaces the recovery codes, and tells the owner.
 *
 * @throws AppError SECOND_FACTOR_OFF, CODE_INVALID, TOO_MANY_ATTEMPTS
 */
export const renewRecoveryCodes = defineCommand({
  guess: factorGuess,
  plan: async (deps: SignedIn, input: FactorInput) => ({
    ...(await planChange(deps, input)),
    made: createRecoveryCodes(deps, deps.actor.user_id),
  }),
  write: async (trx, { actor, answer, now, made }) => {
    const { user_id } = actor;
    const { email: to } = await lockOwnAccount(trx, actor, now);
    if ((await useAnswer(trx, answer, to)) === undefined) return codeInvalid();
    await replaceRecoveryCodes(trx, user_id, made.rows);
    await tellOwner(trx, answer, { template: "recovery_codes_renewed", to, at: answer.at });
    await insertAuditEvent(trx, answer.audit({ user_id, type: "recovery_codes_renewed" }));
    return { recovery_codes: [...made.codes] };
  },
});

async function planChange(deps: SignedIn, { code }: FactorInput) {
  const { actor } = deps;
  const { is_on } = await getSecondFactor(deps);
  if (!is_on) throw new AppError("SECOND_FACTOR_OFF", undefined);
  const answer = await planAnswer(deps, {
    account: actor.user,
    code,
    attempt: factorAttempt(actor),
    isTold: true,
  });
  return { actor, answer, now: deps.clock() };
}

/** The failed attempt stays in the audit log. */
function codeInvalid(): Refused {
  return new Refused(new AppError("CODE_INVALID", undefined));
}
