import type { LoginInput, Tokens } from "@obsqra/contract";
import { AppError, defineCommand, hashToken, PlanOutdatedError, Refused } from "@obsqra/platform";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import {
  findRememberedDevice,
  useRememberedDevice,
} from "../remembered-devices/remembered-devices.queries.ts";
import { deleteAttempts } from "../throttle/throttle.queries.ts";
import { type Attempt, attemptKeys, clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import { noticeOfNewDevice } from "./new-device.ts";
import { isLive, prepareSession } from "./new-session.ts";
import { type PendingLogin, preparePendingLogin } from "./pending-login.ts";
import {
  type Credentials,
  type FailedLogin,
  findCredentials,
  insertFailedLogin,
  insertPendingLogin,
  insertSessionOfPassword,
  type PasswordLogin,
} from "./sign-in.queries.ts";

/** The user who has given the right password. */
interface VerifiedCredentials {
  readonly user_id: string;
  readonly email: string;
  /** Whether the address is known to be theirs. */
  readonly isConfirmed: boolean;
  /** What the password was compared with. */
  readonly hash: string;
  /** What is to be stored in its place, where it is of an older kind. */
  readonly newHash: string | undefined;
  readonly needsSecondFactor: boolean;
  readonly hasPasskey: boolean;
}

/** What the comparison of the password has led to. */
type PlannedLogin =
  | { readonly outcome: "failed"; readonly failed: FailedLogin }
  | {
      readonly outcome: "signed_in";
      readonly login: PasswordLogin;
      readonly tokens: Tokens;
      readonly attempts: ReturnType<typeof attemptKeys>;
    }
  | {
      readonly outcome: "pending";
      readonly login: Parameters<typeof insertPendingLogin>[1];
      readonly required: PendingLogin["required"];
      readonly attempts: ReturnType<typeof attemptKeys>;
    };

/**
 * A bcrypt hash of the original backend takes 200 to 400 ms, one of ours about 20. While any is left, failed logins take a
 * multiple of this, or the time would tell which addresses have an old account.
 */
const legacyFloorMs = 600;

/**
 * Signs in with email and password, in turn with other logins, and tells the user by mail if the device is a new one. Where the account
 * has a second factor and this is no remembered device, the login waits for it, and whoever has given the password gets the challenge to answer. For an
 * unknown email, a user without a password and a wrong password the same is done: one statement to look, one hash
 * compared, one statement that writes a row.
 *
 * @throws AppError CREDENTIALS_INVALID, the same and as slow for an unknown email as for a wrong password;
 * SECOND_FACTOR_REQUIRED, TOO_MANY_ATTEMPTS, SERVER_BUSY
 */
export const login = defineCommand({
  guess: {
    // In turn, too, so that who is sent away for too many logins at once has not been counted.
    count: (deps: AuthDependencies, input: LoginInput) =>
      deps.passwordHasher.inTurn(() => countAttempt(deps, attemptOn(input))),
    forget: (deps, input) => clearAttempts(deps, attemptOn(input)),
  },
  stillLetsIn: isLive,
  plan: async (deps: AuthDependencies, input: LoginInput): Promise<PlannedLogin> => {
    const startedAt = deps.clock();
    const { found, verified } = await deps.passwordHasher.inTurn(() => checkPassword(deps, input));
    if (verified === undefined) {
      if (found.are_legacy_hashes_left) await pauseToFloor(deps, startedAt);
      return { outcome: "failed", failed: prepareFailedLogin(deps, input.email) };
    }
    const attempts = attemptKeys(deps, attemptOn(input));
    const device_id = await findDevice(deps, verified, input);
    if (verified.needsSecondFactor && device_id === undefined) {
      return { outcome: "pending", ...planPending(deps, verified), attempts };
    }
    const isByDevice = device_id !== undefined;
    const { rows, tokens } = await prepareSession(deps, verified.user_id, { isByDevice });
    const login = {
      ...verified,
      ...rows,
      device_id,
      ...(await prepareNews(deps, verified, rows.session.id)),
    };
    return { outcome: "signed_in", login, tokens, attempts };
  },
  write: async (trx, planned) => {
    if (planned.outcome === "failed") {
      await insertFailedLogin(trx, planned.failed);
      return new Refused(new AppError("CREDENTIALS_INVALID", undefined));
    }
    const isStarted =
      planned.outcome === "pending"
        ? await insertPendingLogin(trx, planned.login)
        : await insertSessionOfPassword(trx, planned.login);
    // The hash has changed meanwhile: another login has replaced an old one, or it is of another password now. Or the second factor was
    // turned on or off.
    if (!isStarted) throw new PlanOutdatedError(new AppError("CREDENTIALS_INVALID", undefined));
    await deleteAttempts(trx, planned.attempts);
    if (planned.outcome === "signed_in") {
      const { user_id, device_id, session } = planned.login;
      const device =
        device_id === undefined ? undefined : { id: device_id, user_id, now: session.created_at };
      const isKnown = device === undefined || (await useRememberedDevice(trx, device));
      // It was forgotten a moment ago.
      if (!isKnown) throw new PlanOutdatedError();
      return planned.tokens;
    }
    return new Refused(new AppError("SECOND_FACTOR_REQUIRED", planned.required));
  },
});

function attemptOn({ email }: LoginInput): Attempt {
  return { purpose: "password", subject: email };
}

async function checkPassword(
  deps: AuthDependencies,
  { email, password }: LoginInput,
): Promise<{ found: Credentials; verified: VerifiedCredentials | undefined }> {
  const found = await findCredentials(deps.db, email);
  const { user_id, hash, email_verified_at, needs_second_factor, has_passkey } = found;
  const matches = await deps.passwordHasher.verify(hash ?? undefined, password);
  if (!matches || user_id === null || hash === null) return { found, verified: undefined };
  const isStale = deps.passwordHasher.isStale(hash);
  const newHash = isStale ? await deps.passwordHasher.hash(password) : undefined;
  const isConfirmed = email_verified_at !== null;
  const needsSecondFactor = needs_second_factor === true;
  const hasPasskey = has_passkey === true;
  return { found, verified: { user_id, email, isConfirmed, hash, newHash, needsSecondFactor, hasPasskey } };
}

/** The remembered device that this is, where there is a second factor for which it could stand in. */
async function findDevice(
  { db, clock }: AuthDependencies,
  { user_id, needsSecondFactor }: VerifiedCredentials,
  { device_token }: LoginInput,
): Promise<string | undefined> {
  if (!needsSecondFactor || device_token === undefined) return undefined;
  return findRememberedDevice(db, { user_id, token_hash: hashToken(device_token), now: clock() });
}

function planPending(deps: AuthDependencies, verified: VerifiedCredentials) {
  const { user_id, hash, newHash } = verified;
  const { row: pending, required } = preparePendingLogin(deps, verified);
  const event = prepareEvent(deps, { user_id, type: "second_factor_asked" });
  return { login: { user_id, hash, newHash, pending, event }, required };
}

async function pauseToFloor({ clock, pause }: AuthDependencies, startedAt: Date): Promise<void> {
  const elapsed = Math.max(0, clock().getTime() - startedAt.getTime());
  await pause(legacyFloorMs - (elapsed % legacyFloorMs));
}

/** Only the statement knows whose event it is, if anybody's. */
function prepareFailedLogin(deps: AuthDependencies, email: string): FailedLogin {
  const event = prepareEvent(deps, { user_id: "", type: "login_failed" });
  return { email, event };
}

/** The event of a login, and the mail about it where there is one. */
async function prepareNews(
  deps: AuthDependencies,
  verified: VerifiedCredentials,
  session_id: string,
): Promise<Pick<PasswordLogin, "event" | "mail">> {
  const { user_id } = verified;
  const event = prepareEvent(deps, { user_id, type: "logged_in", details: { session_id } });
  return { event, mail: await noticeOfNewDevice(deps, verified) };
}
