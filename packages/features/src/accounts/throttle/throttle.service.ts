import { createHash } from "node:crypto";
import type { Database } from "@obsqra/db";
import type { RequestFacts } from "@obsqra/platform";
import { AppError, networkOf } from "@obsqra/platform";
import { type AttemptKeys, type Counter, deleteAttempts, upsertAttempt } from "./throttle.queries.ts";

/** How many attempts are free, and how long the later ones have to wait. */
export interface ThrottleLimits {
  /** Attempts per email and ip before the first delay. */
  readonly perEmailAndIp: number;
  /** Attempts per ip, or per network of IPv6, before the first delay. */
  readonly perIp: number;
  /** Mails per address and ip in an hour. @default 3 */
  readonly mailsPerEmailAndIp?: number;
  /** Mails per ip, or per network of IPv6, in an hour. @default 20 */
  readonly mailsPerIp?: number;
}

export const defaultThrottleLimits: ThrottleLimits = { perEmailAndIp: 5, perIp: 50 };

/** What is counted: who is attacked, such as an email or a user's id, by what. */
export interface Attempt {
  /**
   * `password`: a password is guessed; `passkey`: one is said to be somebody's; `second_factor`: a code is guessed by who knows the password, or has a session; `email`: a mail is asked for; `unasked_email`: somebody whose address is not confirmed is told of something by mail; `notice`: a confirmed owner is told of something by mail, and
   * `last_notice`: told that no more such mails come.
   */
  readonly purpose:
    | "password"
    | "passkey"
    | "second_factor"
    | "email"
    | "unasked_email"
    | "notice"
    | "last_notice";
  readonly subject: string;
  /** Of a code that completes a login: which login waits for it. */
  readonly pending_login?: string;
}

/** What counting attempts uses. */
export interface ThrottleDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly throttleLimits: ThrottleLimits;
  readonly request: RequestFacts;
}

/** So many mails a day tell a confirmed owner of new keys, wallets and webhooks; the last says that it is. */
const noticesPerDay = 10;

const minuteSeconds = 60;
const hourSeconds = 60 * minuteSeconds;
const daySeconds = 24 * hourSeconds;
const doubling = { firstDelaySeconds: 1, longestDelaySeconds: 15 * minuteSeconds };

/**
 * Counts an attempt, before anything expensive is done for it: for its subject and ip together, and for its ip. Nobody can
 * lock out somebody else, because a subject alone is never counted. After the free attempts each has to wait, 1 s, 2 s,
 * 4 s, up to 15 minutes; mails beyond the limit wait for the hour to end. An attempt that is refused is not counted, so
 * that impatience alone does not make the wait longer. Whether the subject exists makes no difference.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function countAttempt(deps: ThrottleDependencies, attempt: Attempt): Promise<void> {
  const now = deps.clock();
  // Stored at once: what it is counted for may take a while, and fail.
  const outcome = await upsertAttempt(deps.db, { ...countersOf(deps, attempt), now });
  if (outcome.counted === 2) return;
  // Attempts at the same moment have overtaken this one when no counter was in the way before.
  const waitMs = outcome.blocked_until === null ? 0 : outcome.blocked_until.getTime() - now.getTime();
  throw new AppError("TOO_MANY_ATTEMPTS", { retry_after_seconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}

/**
 * Forgets the attempts of this ip on this subject, after one that succeeded. The ip itself gets back this one attempt only:
 * otherwise whoever has an account could guess at others between two logins of their own.
 */
export async function clearAttempts(deps: ThrottleDependencies, attempt: Attempt): Promise<void> {
  await deleteAttempts(deps.db, attemptKeys(deps, attempt));
}

/** The keys of the counters of an attempt, for a command that clears them (`deleteAttempts`) while it writes. */
export function attemptKeys(
  deps: Pick<ThrottleDependencies, "throttleLimits" | "request">,
  attempt: Attempt,
): AttemptKeys {
  const { subject, ip } = countersOf(deps, attempt);
  return { subject: subject.key, ip: ip.key };
}

function countersOf(
  { throttleLimits, request }: Pick<ThrottleDependencies, "throttleLimits" | "request">,
  attempt: Attempt,
): { subject: Counter; ip: Counter } {
  const { purpose, subject } = attempt;
  if (purpose === "notice" || purpose === "last_notice") return countersOfNotice(purpose, subject);
  if (purpose === "second_factor") return countersOfFactor(throttleLimits, attempt);
  const network = networkOf(request.ip, 4);
  const keys = { subject: hashKey([purpose, network, subject]), ip: hashKey([purpose, network]) };
  if (purpose === "email" || purpose === "unasked_email") {
    const hourly = {
      firstDelaySeconds: hourSeconds,
      longestDelaySeconds: hourSeconds,
      windowSeconds: hourSeconds,
    };
    return {
      subject: { ...hourly, key: keys.subject, freeAttempts: throttleLimits.mailsPerEmailAndIp ?? 3 },
      ip: { ...hourly, key: keys.ip, freeAttempts: throttleLimits.mailsPerIp ?? 20 },
    };
  }
  return {
    subject: {
      ...doubling,
      key: keys.subject,
      freeAttempts: throttleLimits.perEmailAndIp,
      windowSeconds: daySeconds,
    },
    // Many people can share an ip, so that it is forgiven sooner.
    ip: { ...doubling, key: keys.ip, freeAttempts: throttleLimits.perIp, windowSeconds: 15 * minuteSeconds },
  };
}

/** An owner's notices are counted from wherever they are caused, and nothing of the address. */
function countersOfNotice(
  purpose: "notice" | "last_notice",
  subject: string,
): { subject: Counter; ip: Counter } {
  const daily = {
    firstDelaySeconds: daySeconds,
    longestDelaySeconds: daySeconds,
    windowSeconds: daySeconds,
  };
  const freeAttempts = purpose === "notice" ? noticesPerDay - 1 : 1;
  return {
    subject: { ...daily, key: hashKey([purpose, subject]), freeAttempts },
    ip: { ...daily, key: hashKey([purpose, subject, "any address"]), freeAttempts: 1_000_000 },
  };
}

/**
 * Codes are counted for the account, from wherever they come: only who knows its password, or has a session, gets to guess at them. A
 * login that waits has a count of its own, so that none is open to more guesses than the first few.
 */
function countersOfFactor(
  { perEmailAndIp: freeAttempts }: ThrottleLimits,
  { purpose, subject, pending_login }: Attempt,
): { subject: Counter; ip: Counter } {
  const key = hashKey([purpose, subject]);
  const ofAccount = { ...doubling, key, freeAttempts, windowSeconds: daySeconds };
  const ofLogin = {
    firstDelaySeconds: hourSeconds,
    longestDelaySeconds: hourSeconds,
    windowSeconds: hourSeconds,
    key: hashKey([purpose, "pending login", pending_login ?? subject]),
    freeAttempts: pending_login === undefined ? 1_000_000 : freeAttempts,
  };
  return { subject: ofAccount, ip: ofLogin };
}

/** As JSON, so that no subject can be made to look like another's key. */
function hashKey(parts: readonly string[]): Uint8Array {
  return createHash("sha256").update(JSON.stringify(parts)).digest();
}
