import type { LoginInput, Tokens } from "@obsqra/contract";
import { AppError } from "@obsqra/platform";
import { type NewEmailRow, prepareEmail } from "../../mail/outbox.service.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import {
  type Credentials,
  findCredentials,
  insertFailedLogin,
  insertSessionOfPassword,
  listDevices,
} from "./auth.queries.ts";
import { recognitionKey } from "./device.ts";
import { prepareSession, toTokens } from "./new-session.ts";

/** Who has given the right password. */
export interface VerifiedCredentials {
  readonly user_id: string;
  readonly email: string;
  /** Whether the address is known to be theirs. */
  readonly isConfirmed: boolean;
  /** What the password was compared with. */
  readonly hash: string;
  /** What is to be stored in its place, where it is of an older kind. */
  readonly newHash: string | undefined;
}

/**
 * A bcrypt hash of the original backend takes 200 to 400 ms, one of ours about 20. While any is left, failed logins take a
 * multiple of this, or the time would tell which addresses have an old account.
 */
const legacyFloorMs = 600;

/** An address that was never confirmed may be somebody else's, who should not get a mail for every new device. */
const noticesToUnconfirmed = 3;

/**
 * Finds out whether an email and a password belong together, in turn with other logins. For an unknown email, a user
 * without a password and a wrong password the same is done: one statement to look, one hash compared, one statement that
 * writes a row.
 *
 * @param before what has to be done before, in the same turn
 * @throws AppError CREDENTIALS_INVALID, SERVER_BUSY
 */
export async function verifyCredentials(
  deps: AuthDependencies,
  input: LoginInput,
  before: () => Promise<void> = async () => {},
): Promise<VerifiedCredentials> {
  const startedAt = deps.clock();
  const { found, verified } = await deps.passwordHasher.inTurn(async () => {
    await before();
    return checkPassword(deps, input);
  });
  if (verified !== undefined) return verified;
  if (found.are_legacy_hashes_left) await pauseToFloor(deps, startedAt);
  // After the pause, which a transaction must not wait for. Only the statement knows whose event it is, if anybody's.
  const event = prepareEvent(deps, { user_id: "", type: "login_failed" });
  await insertFailedLogin(deps.db, { email: input.email, event, decoyKey: deps.randomBytes(32) });
  throw new AppError("CREDENTIALS_INVALID", undefined);
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
  const elapsedMs = clock().getTime() - startedAt.getTime();
  await pause(legacyFloorMs - (elapsedMs % legacyFloorMs));
}

/**
 * Signs somebody in, and tells them by mail if the device is a new one.
 *
 * @returns undefined when the password that was verified is not theirs any more, or the account is gone
 */
export async function startSession(
  deps: AuthDependencies,
  verified: VerifiedCredentials,
): Promise<Tokens | undefined> {
  const { user_id } = verified;
  const { rows, token } = prepareSession(deps, user_id);
  const session_id = rows.session.id;
  const event = prepareEvent(deps, { user_id, type: "logged_in", details: { session_id } });
  const mail = await noticeOfNewDevice(deps, verified);
  const isStarted = await insertSessionOfPassword(deps.db, { ...verified, ...rows, event, mail });
  return isStarted ? toTokens(deps, { user_id, session_id }, token) : undefined;
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
