import type { Access, Plan } from "@obsqra/contract";
import { recentSessionMinutes } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { RequestFacts } from "../call/request-facts.ts";
import { AppError } from "../errors/app-error.ts";
import { findLiveApiKey, findLiveSession, touchApiKey, touchSession } from "./access.queries.ts";
import { type AccessTokenSettings, authenticate } from "./access-token.ts";
import type { Principal } from "./actor.ts";
import { isApiKey } from "./api-key.ts";
import { hashToken } from "./hash-token.ts";

/** What deciding about access uses. */
export interface AccessDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly accessTokens: AccessTokenSettings;
  readonly request: RequestFacts;
}

/** Who may go on, and what they may ask for. */
export interface Authorized {
  /** A `SessionPrincipal` where the access asks for a session. */
  readonly principal: Principal;
  readonly plan: Plan;
}

const minuteMs = 60_000;

/**
 * Decides whether a request may do what an endpoint does; the one place that does. A token is checked without the
 * database first; then its session, or the API key, has to be live there, so that whatever is revoked stops working at
 * once and on every server.
 *
 * @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_INVALID, API_KEY_INVALID, SCOPE_MISSING, SESSION_REQUIRED,
 * REAUTHENTICATION_NEEDED
 */
export async function authorize(
  deps: AccessDependencies,
  access: Exclude<Access, "public">,
): Promise<Authorized> {
  const { access_token } = deps.request;
  if (access_token === undefined) throw new AppError("UNAUTHENTICATED", undefined);
  return isApiKey(access_token)
    ? authorizeApiKey(deps, access_token, access)
    : authorizeSession(deps, access_token, access);
}

async function authorizeApiKey(
  deps: AccessDependencies,
  key: string,
  access: Exclude<Access, "public">,
): Promise<Authorized> {
  const now = deps.clock();
  const found = await findLiveApiKey(deps.db, { key_hash: hashToken(key), now });
  if (found === undefined) throw new AppError("API_KEY_INVALID", undefined);
  if (access === "session" || access === "recent_session") throw new AppError("SESSION_REQUIRED", undefined);
  if (!found.scopes.includes(access)) throw new AppError("SCOPE_MISSING", { scope: access });
  if (isOlderThan(found.last_used_at, minuteMs, now)) await touchApiKey(deps.db, { id: found.id, now });
  return { principal: { user_id: found.user_id, api_key_id: found.id }, plan: found.plan };
}

async function authorizeSession(
  deps: AccessDependencies,
  token: string,
  access: Exclude<Access, "public">,
): Promise<Authorized> {
  const principal = await authenticate(deps, token);
  const now = deps.clock();
  const session = await findLiveSession(deps.db, { ...principal, now });
  if (session === undefined) throw new AppError("TOKEN_INVALID", undefined);
  if (access === "recent_session" && isOlderThan(session.created_at, recentSessionMinutes * minuteMs, now)) {
    throw new AppError("REAUTHENTICATION_NEEDED", undefined);
  }
  if (isOlderThan(session.last_used_at, minuteMs, now)) {
    await touchSession(deps.db, { id: principal.session_id, now });
  }
  return { principal, plan: session.plan };
}

function isOlderThan(moment: Date | null, ageMs: number, now: Date): boolean {
  return moment === null || now.getTime() - moment.getTime() > ageMs;
}
