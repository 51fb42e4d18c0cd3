import type { LoginInput, RefreshInput, RegisterInput, Tokens } from "@obsqra/contract";
import { defaultPreferences } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { isUniqueViolation } from "@obsqra/db";
import { AppError } from "../app-error.ts";
import type { CreateId } from "../create-id.ts";
import type { RequestFacts } from "../dependencies.ts";
import { type AccessTokenSettings, issueAccessToken, type Session } from "./access-token.ts";
import {
  findCredentials,
  insertSession,
  insertUserWithSession,
  isSessionLive,
  type NewSession,
  revokeSession,
  revokeSessionOfReplayedToken,
  spendRefreshToken,
  updatePasswordHash,
} from "./auth.queries.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { createRefreshToken, hashToken } from "./refresh-token.ts";

/** What signing in and out uses. */
export interface AuthDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly passwordHasher: PasswordHasher;
  readonly accessTokens: AccessTokenSettings;
  readonly request: RequestFacts;
}

const dayMs = 24 * 60 * 60 * 1000;
/** A session ends after this long, however often it is used. */
const sessionLifetimeMs = 60 * dayMs;
/** A refresh token that nobody uses for this long stops working. */
const refreshTokenLifetimeMs = 14 * dayMs;
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
export async function logout(deps: AuthDependencies & { readonly session: Session }): Promise<undefined> {
  const { session_id, user_id } = deps.session;
  await revokeSession(deps.db, { id: session_id, user_id, now: deps.clock(), reason: "logged out" });
}

/**
 * An access token outlives its session by up to its lifetime. What changes who controls an account asks the database.
 *
 * @throws AppError TOKEN_INVALID when the session has ended
 */
export async function assertSessionIsLive(
  deps: Pick<AuthDependencies, "db" | "clock"> & { readonly session: Session },
): Promise<void> {
  const { session_id, user_id } = deps.session;
  const isLive = await isSessionLive(deps.db, { id: session_id, user_id, now: deps.clock() });
  if (!isLive) throw new AppError("TOKEN_INVALID", undefined);
}

function prepareSession(deps: AuthDependencies, userId: string): { rows: NewSession; token: string } {
  const now = deps.clock();
  const sessionId = deps.createId();
  const { token, hash } = createRefreshToken(deps.randomBytes);
  const rows = {
    session: {
      id: sessionId,
      user_id: userId,
      created_at: now,
      last_used_at: now,
      expires_at: new Date(now.getTime() + sessionLifetimeMs),
      ip: deps.request.ip ?? null,
      user_agent: deps.request.user_agent?.slice(0, 512) ?? null,
    },
    refreshToken: {
      token_hash: hash,
      session_id: sessionId,
      created_at: now,
      expires_at: new Date(now.getTime() + refreshTokenLifetimeMs),
    },
  };
  return { rows, token };
}

async function toTokens(deps: AuthDependencies, session: Session, refreshToken: string): Promise<Tokens> {
  return {
    access_token: await issueAccessToken(deps, { ...session, token_id: deps.createId() }),
    token_type: "bearer",
    expires_in: deps.accessTokens.lifetimeSeconds,
    refresh_token: refreshToken,
  };
}
