import type { ConfirmTotpInput } from "@obsqra/contract";
import { AppError, defineCommand, PlanOutdatedError, type SessionActor } from "@obsqra/platform";
import { mailWriter } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { maySendMail } from "../email-addresses/unconfirmed-mail.ts";
import { lockOwnAccount } from "../own-account.ts";
import { endSessions } from "../sessions/session-ends.service.ts";
import { deleteAttempts } from "../throttle/throttle.queries.ts";
import { attemptKeys } from "../throttle/throttle.service.ts";
import { tellOwner } from "./factor-answer.ts";
import { createRecoveryCodes, normaliseCode } from "./recovery-codes.ts";
import {
  confirmTotpFactor,
  findTotpFactor,
  replaceRecoveryCodes,
  setNeedsSecondFactor,
  upsertTotpFactor,
} from "./second-factor.queries.ts";
import { factorAttempt, factorGuess } from "./second-factor.service.ts";
import { createTotpSecret, otpauthUri, periodOfCode, qrCodeOf } from "./totp.ts";
import { openTotpSecret, sealTotpSecret } from "./totp-secret.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/**
 * Makes the secret for an app that shows codes. It counts for nothing until a code has confirmed it.
 *
 * @throws AppError SECOND_FACTOR_ON
 */
export const setUpTotp = defineCommand({
  plan: async (deps: SignedIn) => {
    const { actor, sealer, clock } = deps;
    const secret = createTotpSecret(deps.randomBytes);
    const otpauth_uri = otpauthUri({ secret, email: actor.user.email });
    const now = clock();
    return {
      actor,
      now,
      row: {
        user_id: actor.user_id,
        secret_sealed: sealTotpSecret(sealer, actor.user_id, secret),
        created_at: now,
        confirmed_at: null,
        last_period: null,
      },
      setUp: { secret, otpauth_uri, qr_code_svg: qrCodeOf(otpauth_uri) },
    };
  },
  write: async (trx, { actor, now, row, setUp }) => {
    await lockOwnAccount(trx, actor, now);
    if (!(await upsertTotpFactor(trx, row))) throw new AppError("SECOND_FACTOR_ON", undefined);
    return setUp;
  },
});

/**
 * Turns the second factor on, once a code has shown that the user's app has the secret. Ends the other sessions, which a password
 * alone has begun, and tells the owner.
 *
 * @throws AppError TOTP_NOT_SET_UP, SECOND_FACTOR_ON, CODE_INVALID, TOO_MANY_ATTEMPTS
 */
export const confirmTotp = defineCommand({
  guess: factorGuess,
  plan: async (deps: SignedIn, { code }: ConfirmTotpInput) => {
    const { actor, sealer } = deps;
    const { user_id, session_id } = actor;
    const factor = await findTotpFactor(deps.db, user_id);
    if (factor === undefined) throw new AppError("TOTP_NOT_SET_UP", undefined);
    const { secret_sealed, confirmed_at } = factor;
    if (confirmed_at !== null) throw new AppError("SECOND_FACTOR_ON", undefined);
    const secret = openTotpSecret(sealer, user_id, secret_sealed);
    const now = deps.clock();
    const period = periodOfCode(secret, normaliseCode(code), { now, lastPeriod: null });
    if (period === undefined) throw new AppError("CODE_INVALID", undefined);
    return {
      actor,
      confirmed: { user_id, secret_sealed, period, now },
      ending: { user_id, except: session_id, reason: "second factor turned on", now } as const,
      made: createRecoveryCodes(deps, user_id),
      attempts: attemptKeys(deps, factorAttempt(actor)),
      mail: mailWriter(deps),
      mayTell: await maySendMail(deps, actor.user),
      event: auditWriter(deps)({ user_id, type: "second_factor_enabled", details: { method: "totp" } }),
    };
  },
  write: async (trx, { actor, confirmed, ending, made, attempts, mail, mayTell, event }, emit) => {
    const { user_id, now } = confirmed;
    const { email: to } = await lockOwnAccount(trx, actor, now);
    if (!(await confirmTotpFactor(trx, confirmed))) throw new PlanOutdatedError();
    // Before the sessions: one that a password begins meanwhile is either ended here or refused there.
    await setNeedsSecondFactor(trx, { user_id, needs: true });
    await endSessions(trx, emit, ending);
    await replaceRecoveryCodes(trx, user_id, made.rows);
    await deleteAttempts(trx, attempts);
    const notice = { template: "second_factor_enabled", to, at: now.toISOString() } as const;
    await tellOwner(trx, { user_id, mail, mayTell }, notice);
    await insertAuditEvent(trx, event);
    return { recovery_codes: [...made.codes] };
  },
});
