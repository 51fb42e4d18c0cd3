import type { LoginInput, RefreshInput, RegisterInput, Tokens } from "@obsqra/contract";
import { defaultPreferences } from "@obsqra/contract";
import { isUniqueViolation } from "@obsqra/db";
import { AppError } from "../app-error.ts";
import type { SessionPrincipal } from "../principal.ts";
import {
  findCredentials,
  insertSession,
  insertUserWithSession,
  revokeSession,
  revokeSessionOfReplayedToken,
  spendRefreshToken,
  updatePasswordHash,
} from "./auth.queries.ts";
import type { AuthDependencies } from "./auth-dependencies.ts";
import { prepareSession, refreshTokenLifetimeMs, toTokens } from "./new-session.ts";
import { createRefreshToken, hashToken } from "./refresh-token.ts";

/** Parallel tabs may send the same refresh token; a replay later than this is taken for theft. */
const replayToleranceMs = 10_000;

/**
 * Creates an account and signs it in.
 *
 * @throws AppError EMAIL_TAKEN
 */
export async function register(deps: AuthDependencies, input: RegisterInput): Promise<Tokens> {
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
  try {
    await insertUserWithSession(deps.db, { ...rows, user, passwordHash });
  } catch (cause) {
    if (isUniqueViolation(cause)) throw new AppError("EMAIL_TAKEN", undefined, { cause });
    throw cause;
  }
  return toTokens(deps, { user_id: userId, session_id: rows.session.id }, token);
}

/**
 * Signs in with email and password.
 *
 * @throws AppError CREDENTIALS_INVALID, the same and as slow for an unknown email as for a wrong password
 */
export async function login(deps: AuthDependencies, input: LoginInput): Promise<Tokens> {
  const credentials = await findCredentials(deps.db, input.email);
  const matches = await deps.passwordHasher.verify(credentials?.hash, input.password);
  if (credentials === undefined || !matches) throw new AppError("CREDENTIALS_INVALID", undefined);
  if (deps.passwordHasher.isStale(credentials.hash)) {
    const to = await deps.passwordHasher.hash(input.password);
    await updatePasswordHash(deps.db, { user_id: credentials.user_id, from: credentials.hash, to });
  }
  const { rows, token } = prepareSession(deps, credentials.user_id);
  await insertSession(deps.db, rows);
  return toTokens(deps, { user_id: credentials.user_id, session_id: rows.session.id }, token);
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
    const usedBefore = new Date(now.getTime() - replayToleranceMs);
    await revokeSessionOfReplayedToken(deps.db, { token: spent, usedBefore, now });
    throw new AppError("REFRESH_TOKEN_INVALID", undefined);
  }
  return toTokens(deps, { user_id: session.user_id, session_id: session.id }, next.token);
}

/** Ends the session that asks. Doing it again is harmless. */
export async function logout(
  deps: AuthDependencies & { readonly principal: SessionPrincipal },
): Promise<undefined> {
  const { session_id, user_id } = deps.principal;
  await revokeSession(deps.db, { id: session_id, user_id, now: deps.clock(), reason: "logged out" });
}
