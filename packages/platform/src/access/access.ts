import type { Access } from "@obsqra/contract";
import { recentSessionMinutes } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { RequestFacts } from "../call/request-facts.ts";
import { elapsedMs } from "../elapsed.ts";
import { AppError } from "../errors/app-error.ts";
import { useLiveApiKey, useLiveSession } from "./access.queries.ts";
import { type AccessTokenSettings, authenticate } from "./access-token.ts";
import type { Actor, SessionActor } from "./actor.ts";
import { isApiKey } from "./api-key.ts";
import { hashToken } from "./hash-token.ts";

/** What deciding about access uses. */
export interface AccessDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly accessTokens: AccessTokenSettings;
  readonly request: RequestFacts;
}

/** Every access but `public`. */
export type GuardedAccess = Exclude<Access, "public">;

const minuteMs = 60_000;

/**
 * Decides whether a request may do what an endpoint does, and makes its actor; the one place that does either. A token is
 * checked without the database first; then one statement finds its session, or the API key, with the user and the plan, so
 * that whatever is revoked stops working at once and on every server.
 *
 * @returns a `SessionActor` where the access asks for a session
 * @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_INVALID, API_KEY_INVALID, SCOPE_MISSING, SESSION_REQUIRED,
 * REAUTHENTICATION_NEEDED
 */
export async function authorize(deps: AccessDependencies, access: GuardedAccess): Promise<Actor> {
  const { access_token } = deps.request;
  if (access_token === undefined) throw new AppError("UNAUTHENTICATED", undefined);
  return isApiKey(access_token)
    ? authorizeApiKey(deps, access_token, access)
    : authorizeSession(deps, access_token, access);
}

async function authorizeApiKey(deps: AccessDependencies, key: string, access: GuardedAccess): Promise<Actor> {
  const found = await useLiveApiKey(deps.db, { key_hash: hashToken(key), now: deps.clock() });
  if (found === undefined) throw new AppError("API_KEY_INVALID", undefined);
  const { api_key_id, scopes, plan, preferences, ...user } = found;
  if (access === "session" || access === "recent_session") throw new AppError("SESSION_REQUIRED", undefined);
  if (!scopes.includes(access)) throw new AppError("SCOPE_MISSING", { scope: access });
  return { user_id: user.id, user, owner_id: user.id, plan, preferences, scopes, api_key_id };
}

async function authorizeSession(
  deps: AccessDependencies,
  token: string,
  access: GuardedAccess,
): Promise<SessionActor> {
  const claimed = await authenticate(deps, token);
  const now = deps.clock();
  const found = await useLiveSession(deps.db, { ...claimed, now });
  if (found === undefined) throw new AppError("TOKEN_INVALID", undefined);
  const { session_created_at, session_last_used_at, plan, preferences, ...user } = found;
  // Used later than now: the clock was set back, and the session is at least as old as it was then.
  const latest = new Date(Math.max(session_last_used_at.getTime(), now.getTime()));
  const ageMs = Math.max(elapsedMs(session_created_at, now), elapsedMs(session_created_at, latest));
  if (access === "recent_session" && ageMs > recentSessionMinutes * minuteMs) {
    throw new AppError("REAUTHENTICATION_NEEDED", undefined);
  }
  const { session_id } = claimed;
  return { user_id: user.id, user, owner_id: user.id, plan, preferences, scopes: "all", session_id };
}
