import type { FactorMethod, PasskeyAssertion } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { type Email, insertMail, type MailWriter, mailWriter } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditWriter, auditWriter } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { type MailedAccount, maySendMail } from "../email-addresses/unconfirmed-mail.ts";
import { type PasskeyUse, usePasskey } from "../passkeys/passkeys.queries.ts";
import { readAnswer } from "../passkeys/verify-passkey.ts";
import { type AttemptKeys, deleteAttempts } from "../throttle/throttle.queries.ts";
import { type Attempt, attemptKeys } from "../throttle/throttle.service.ts";
import { hashRecoveryCode, normaliseCode } from "./recovery-codes.ts";
import {
  countRecoveryCodes,
  findTotpFactor,
  hasRecoveryCode,
  takeRecoveryCode,
  usePeriod,
} from "./second-factor.queries.ts";
import { periodOfCode } from "./totp.ts";
import { openTotpSecret } from "./totp-secret.ts";

/** A code that somebody has given for their second factor, looked at and not used up yet. */
export interface PlannedAnswer {
  readonly user_id: string;
  /** What the code may be; undefined where it is nothing. */
  readonly shown:
    | { readonly method: Extract<FactorMethod, "totp">; readonly period: number }
    | { readonly method: Extract<FactorMethod, "recovery_code">; readonly code_hash: Uint8Array }
    | { readonly method: Extract<FactorMethod, "passkey">; readonly use: PasskeyUse }
    | undefined;
  readonly attempts: AttemptKeys;
  readonly at: string;
  readonly audit: AuditWriter;
  readonly mail: MailWriter;
  /** Whether the owner is told by mail: nobody's address gets any number of mails without having asked for one. */
  readonly mayTell: boolean;
}

/** A passkey that has signed what it was to sign. */
export interface GivenPasskey {
  readonly passkey: PasskeyAssertion;
  readonly challenge: string;
}

/** A code as it came, or a passkey in its place. */
interface GivenAnswer {
  readonly account: MailedAccount;
  readonly code: string | GivenPasskey;
  /** As which it was counted. */
  readonly attempt: Attempt;
  /** Whether the owner is told of what it is given for, if it is right. @default of a recovery code only */
  readonly isTold?: boolean;
}

/** Looks at a code. Whether it is right is known for sure when it is used up. */
export async function planAnswer(
  deps: AuthDependencies,
  { account, code, attempt, isTold = false }: GivenAnswer,
): Promise<PlannedAnswer> {
  const user_id = account.id;
  const shown =
    typeof code === "string"
      ? await readCode(deps, user_id, normaliseCode(code))
      : await readPasskey(deps, user_id, code);
  // Counted only where there is something to tell: otherwise every sign-in would be one of the few mails of an hour.
  const willTell = shown !== undefined && (isTold || shown.method === "recovery_code");
  return {
    user_id,
    shown,
    mayTell: willTell && (await maySendMail(deps, account)),
    attempts: attemptKeys(deps, attempt),
    at: deps.clock().toISOString(),
    audit: auditWriter(deps),
    mail: mailWriter(deps),
  };
}

/**
 * Uses a code up, and forgets the attempts; of a recovery code its owner is told. A wrong code is an event of the account. Lock the
 * account before.
 *
 * @param email where its owner is told
 * @returns how the second factor was shown; undefined for a code that was wrong or used before
 */
export async function useAnswer(
  trx: DatabaseTransaction,
  answer: PlannedAnswer,
  email: string,
): Promise<FactorMethod | undefined> {
  const { user_id, shown, attempts, at, audit } = answer;
  if (shown === undefined || !(await useUp(trx, user_id, shown))) {
    await insertAuditEvent(trx, audit({ user_id, type: "second_factor_failed" }));
    return undefined;
  }
  await deleteAttempts(trx, attempts);
  if (shown.method === "recovery_code") {
    const codes_left = await countRecoveryCodes(trx, user_id);
    await tellOwner(trx, answer, { template: "recovery_code_used", to: email, at, codes_left });
    await insertAuditEvent(trx, audit({ user_id, type: "recovery_code_used", details: { codes_left } }));
  }
  return shown.method;
}

/** Tells the owner by mail what a code was used for. */
export async function tellOwner(
  trx: DatabaseTransaction,
  { user_id, mail, mayTell }: Pick<PlannedAnswer, "user_id" | "mail" | "mayTell">,
  email: Email,
): Promise<void> {
  if (mayTell) await insertMail(trx, mail(user_id, email));
}

async function useUp(
  trx: DatabaseTransaction,
  user_id: string,
  shown: NonNullable<PlannedAnswer["shown"]>,
): Promise<boolean> {
  switch (shown.method) {
    case "totp":
      return usePeriod(trx, { user_id, period: shown.period });
    case "recovery_code":
      return takeRecoveryCode(trx, { user_id, code_hash: shown.code_hash });
    case "passkey":
      return usePasskey(trx, shown.use);
  }
}

async function readPasskey(
  deps: AuthDependencies,
  userId: string,
  { passkey, challenge }: GivenPasskey,
): Promise<PlannedAnswer["shown"]> {
  const use = (await readAnswer(deps, passkey, challenge))?.use;
  return use?.user_id === userId ? { method: "passkey", use } : undefined;
}

async function readCode(
  deps: AuthDependencies,
  userId: string,
  code: string,
): Promise<PlannedAnswer["shown"]> {
  if (!/^\d{6}$/.test(code)) {
    const code_hash = hashRecoveryCode(code);
    const isLeft = await hasRecoveryCode(deps.db, { user_id: userId, code_hash });
    return isLeft ? { method: "recovery_code", code_hash } : undefined;
  }
  const factor = await findTotpFactor(deps.db, userId);
  if (factor === undefined || factor.confirmed_at === null) return undefined;
  const secret = openTotpSecret(deps.sealer, userId, factor.secret_sealed);
  const period = periodOfCode(secret, code, { now: deps.clock(), lastPeriod: factor.last_period });
  return period === undefined ? undefined : { method: "totp", period };
}
