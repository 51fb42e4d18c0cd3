import type { LoginInput, Tokens } from "@obsqra/contract";
import { AppError, defineCommand, networkOf, PlanOutdatedError, Refused } from "@obsqra/platform";
import { type NewEmailRow, prepareEmail } from "../../mail/outbox.service.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { deleteAttempts } from "../throttle/throttle.queries.ts";
import { type Attempt, attemptKeys, clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import { isLive, prepareSession } from "./new-session.ts";
import {
  type Credentials,
  type Device,
  type FailedLogin,
  findCredentials,
  insertFailedLogin,
  insertSessionOfPassword,
  listDevices,
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
}

/** What the comparison of the password has led to. */
type PlannedLogin =
  | { readonly isVerified: false; readonly failed: FailedLogin }
  | {
      readonly isVerified: true;
      readonly login: PasswordLogin;
      readonly tokens: Tokens;
      readonly attempts: ReturnType<typeof attemptKeys>;
    };

/**
 * A bcrypt hash of the original backend takes 200 to 400 ms, one of ours about 20. While any is left, failed logins take a
 * multiple of this, or the time would tell which addresses have an old account.
 */
const legacyFloorMs = 600;

/** An address that was never confirmed may be somebody else's, who should not get a mail for every new device. */
const noticesToUnconfirmed = 3;

/**
 * Signs in with email and password, in turn with other logins, and tells the user by mail if the device is a new one. For an
 * unknown email, a user without a password and a wrong password the same is done: one statement to look, one hash
 * compared, one statement that writes a row.
 *
 * @throws AppError CREDENTIALS_INVALID, the same and as slow for an unknown email as for a wrong password;
 * TOO_MANY_ATTEMPTS, SERVER_BUSY
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
      return { isVerified: false, failed: prepareFailedLogin(deps, input.email) };
    }
    const { rows, tokens } = await prepareSession(deps, verified.user_id);
    const login = { ...verified, ...rows, ...(await prepareNews(deps, verified, rows.session.id)) };
    return { isVerified: true, login, tokens, attempts: attemptKeys(deps, attemptOn(input)) };
  },
  write: async (trx, planned) => {
    if (!planned.isVerified) {
      await insertFailedLogin(trx, planned.failed);
      return new Refused(new AppError("CREDENTIALS_INVALID", undefined));
    }
    const isStarted = await insertSessionOfPassword(trx, planned.login);
    // The hash has changed meanwhile: another login has replaced an old one, or it is of another password now.
    if (!isStarted) throw new PlanOutdatedError(new AppError("CREDENTIALS_INVALID", undefined));
    await deleteAttempts(trx, planned.attempts);
    return planned.tokens;
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
  const { user_id, hash, email_verified_at } = found;
  const matches = await deps.passwordHasher.verify(hash ?? undefined, password);
  if (!matches || user_id === null || hash === null) return { found, verified: undefined };
  const isStale = deps.passwordHasher.isStale(hash);
  const newHash = isStale ? await deps.passwordHasher.hash(password) : undefined;
  const isConfirmed = email_verified_at !== null;
  return { found, verified: { user_id, email, isConfirmed, hash, newHash } };
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

async function noticeOfNewDevice(
  deps: AuthDependencies,
  { user_id, email, isConfirmed }: VerifiedCredentials,
): Promise<NewEmailRow | undefined> {
  const device = { ip: deps.request.ip ?? null, user_agent: deps.request.user_agent ?? null };
  const known = new Set((await listDevices(deps.db, user_id)).map(recognitionKey));
  if (known.has(recognitionKey(device))) return undefined;
  if (!isConfirmed && known.size > noticesToUnconfirmed) return undefined;
  const at = deps.clock().toISOString();
  return prepareEmail(deps, user_id, { template: "new_device", to: email, at, ...device });
}

/**
 * What a device is recognised by: the kind of program, whatever its version, and its network, the first 24 bits of IPv4 or
 * 64 of IPv6. Nothing is stored on the device itself.
 */
function recognitionKey({ ip, user_agent }: Device): string {
  // Programs update themselves.
  const program = user_agent?.replace(/\d+(?:[._]\d+)*/g, "");
  return JSON.stringify([networkOf(ip, 3), program]);
}
