import type { Tokens } from "@obsqra/contract";
import type { ClaimedSession } from "@obsqra/platform";
import { issueAccessToken } from "@obsqra/platform";
import type { AuthDependencies } from "../auth-dependencies.ts";
import type { NewSession } from "./auth.queries.ts";
import { createRefreshToken } from "./refresh-token.ts";

const dayMs = 24 * 60 * 60 * 1000;
/** A session ends after this long, however often it is used. */
const sessionLifetimeMs = 60 * dayMs;
/** A refresh token that nobody uses for this long stops working. */
export const refreshTokenLifetimeMs = 14 * dayMs;

/** Makes the rows of a new session, with its first refresh token. */
export function prepareSession(deps: AuthDependencies, userId: string): { rows: NewSession; token: string } {
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

/** Makes what a client gets for a session: a fresh access token, and the refresh token that was stored with it. */
export async function toTokens(
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
