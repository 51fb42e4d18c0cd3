import type { Tokens } from "@obsqra/contract";
import type { ClaimedSession } from "@obsqra/platform";
import { hashToken, issueAccessToken } from "@obsqra/platform";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { findRefreshToken, type NewSessionRows } from "./sign-in.queries.ts";

/** A refresh token as the client gets it, and as it is stored. */
export interface RefreshToken {
  readonly token: string;
  readonly hash: Uint8Array;
}

/** A session that is still to be stored, and what its client gets then. */
export interface NewSession {
  readonly rows: NewSessionRows;
  readonly tokens: Tokens;
}

const dayMs = 24 * 60 * 60 * 1000;
/** A session ends after this long, however often it is used. */
const sessionLifetimeMs = 60 * dayMs;
/** A refresh token that nobody uses for this long stops working. */
export const refreshTokenLifetimeMs = 14 * dayMs;

/**
 * Makes a session with its first tokens.
 *
 * @param options.isByDevice whether a remembered device stands in for the second factor
 */
export async function prepareSession(
  deps: AuthDependencies,
  userId: string,
  { isByDevice = false }: { readonly isByDevice?: boolean } = {},
): Promise<NewSession> {
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
      user_agent: deps.request.user_agent ?? null,
      is_by_remembered_device: isByDevice,
    },
    refreshToken: {
      token_hash: hash,
      session_id: sessionId,
      created_at: now,
      expires_at: new Date(now.getTime() + refreshTokenLifetimeMs),
    },
  };
  return { rows, tokens: await prepareTokens(deps, { user_id: userId, session_id: sessionId }, token) };
}

/** Makes what a client gets for a session: a fresh access token, and the refresh token that is stored with it. */
export async function prepareTokens(
  deps: AuthDependencies,
  session: ClaimedSession,
  refreshToken: string,
): Promise<Tokens> {
  return {
    access_token: await issueAccessToken(deps, { ...session, token_id: deps.createId() }),
    token_type: "bearer",
    expires_in: deps.accessTokens.lifetimeSeconds,
    refresh_token: refreshToken,
  };
}

/** Whether the session of tokens is live. */
export async function isLive(
  { db, clock }: Pick<AuthDependencies, "db" | "clock">,
  { refresh_token }: Tokens,
): Promise<boolean> {
  return (await findRefreshToken(db, { token_hash: hashToken(refresh_token), now: clock() })) !== undefined;
}

/** Makes an opaque refresh token of 256 random bits. */
export function createRefreshToken(randomBytes: (size: number) => Uint8Array): RefreshToken {
  const token = Buffer.from(randomBytes(32)).toString("base64url");
  return { token, hash: hashToken(token) };
}
