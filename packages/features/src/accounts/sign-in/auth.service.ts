import type { LoginInput, RefreshInput, RegisterInput, Tokens } from "@obsqra/contract";
import { defaultPreferences } from "@obsqra/contract";
import { isUniqueViolation } from "@obsqra/db";
import type { SessionActor } from "@obsqra/platform";
import { AppError, hashToken } from "@obsqra/platform";
import { lockAccount } from "../account.queries.ts";
import { recordEvent } from "../audit/audit.service.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { prepareEmailVerification } from "../email-addresses/email-verification.ts";
import { assertGoodPassword } from "../passwords/password-rules.ts";
import { endSession } from "../sessions/sessions.queries.ts";
import { clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import { findReplayedSession, insertUserWithSession, spendRefreshToken } from "./auth.queries.ts";
import { startSession, verifyCredentials } from "./login.service.ts";
import { prepareSession, refreshTokenLifetimeMs, toTokens } from "./new-session.ts";
import { createRefreshToken } from "./refresh-token.ts";

/** Parallel tabs may send the same refresh token; a replay later than this is taken for theft. */
const replayToleranceMs = 10_000;

/**
 * Creates an account, signs it in and has a link sent that confirms the address.
 *
 * @throws AppError EMAIL_TAKEN, PASSWORD_REJECTED, SERVER_BUSY
 */
export async function register(deps: AuthDependencies, input: RegisterInput): Promise<Tokens> {
  assertGoodPassword(input.password, input);
  // Hashed before the statement: a transaction would hold PGlite's one connection meanwhile.
  const passwordHash = await deps.passwordHasher.hash(input.password);
  const now = deps.clock();
  const userId = deps.createId();
  const { rows, token } = prepareSession(deps, userId);
  const user = {
    id: userId,
    email: input.email,
    email_verified_at: null,
    full_name: input.full_name,
    wallet_address: null,
    preferences: JSON.stringify(defaultPreferences),
    created_at: now,
    updated_at: now,
  };
  const event = prepareEvent(deps, { user_id: userId, type: "registered" });
  const verification = prepareEmailVerification(deps, user);
  try {
    await insertUserWithSession(deps.db, { ...rows, ...verification, user, passwordHash, event });
  } catch (cause) {
    if (isUniqueViolation(cause, "users_email_key")) throw new AppError("EMAIL_TAKEN", undefined, { cause });
    throw cause;
  }
  return toTokens(deps, { user_id: userId, session_id: rows.session.id }, token);
}

/**
 * Signs in with email and password.
 *
 * @throws AppError CREDENTIALS_INVALID, the same and as slow for an unknown email as for a wrong password;
 * TOO_MANY_ATTEMPTS, SERVER_BUSY
 */
export async function login(deps: AuthDependencies, input: LoginInput): Promise<Tokens> {
  const attempt = { purpose: "password", subject: input.email } as const;
  const count = () => countAttempt(deps, attempt);
  let tokens = await startSession(deps, await verifyCredentials(deps, input, count));
  if (tokens === undefined) {
    // The hash has changed meanwhile: another login has replaced an old one, or it is of another password now.
    tokens = await startSession(deps, await verifyCredentials(deps, input));
  }
  if (tokens === undefined) throw new AppError("CREDENTIALS_INVALID", undefined);
  await clearAttempts(deps, attempt);
  return tokens;
}

/**
 * Exchanges a refresh token for a new pair. A replay ends the session.
 *
 * @throws AppError REFRESH_TOKEN_INVALID
 */
export async function refresh(deps: AuthDependencies, input: RefreshInput): Promise<Tokens> {
  const now = deps.clock();
  const spent = hashToken(input.refresh_token);
  const next = createRefreshToken(deps.randomBytes);
  const nextExpiresAt = new Date(now.getTime() + refreshTokenLifetimeMs);
  const session = await spendRefreshToken(deps.db, { spent, next: next.hash, now, nextExpiresAt });
  if (session === undefined) {
    await endReplayedSession(deps, spent);
    throw new AppError("REFRESH_TOKEN_INVALID", undefined);
  }
  return toTokens(deps, { user_id: session.user_id, session_id: session.id }, next.token);
}

/** Ends the session of a token that was spent a while ago: either this copy of it is stolen, or the other was. */
async function endReplayedSession(deps: AuthDependencies, token: Uint8Array): Promise<void> {
  const now = deps.clock();
  const usedBefore = new Date(now.getTime() - replayToleranceMs);
  const session = await findReplayedSession(deps.db, { token, usedBefore });
  if (session === undefined) return;
  await endSessionAs("refresh_token_replayed", deps, { ...session, now, reason: "refresh token replayed" });
}

/** Ends the session that asks. Doing it again is harmless. */
export async function logout(deps: AuthDependencies & { readonly actor: SessionActor }): Promise<undefined> {
  const { session_id, user_id } = deps.actor;
  const session = { id: session_id, user_id, now: deps.clock(), reason: "logged out" };
  await endSessionAs("logged_out", deps, session);
}

async function endSessionAs(
  type: "logged_out" | "refresh_token_replayed",
  deps: AuthDependencies,
  session: Parameters<typeof endSession>[1],
): Promise<void> {
  const { id, user_id } = session;
  await deps.db.transaction().execute(async (trx) => {
    await lockAccount(trx, user_id);
    // Only what has ended it is an event.
    if (!(await endSession(trx, session))) return;
    await recordEvent({ ...deps, db: trx }, { user_id, type, details: { session_id: id } });
  });
}
