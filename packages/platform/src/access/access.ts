import type { Access } from "@obsqra/contract";
import { isOperatorAccess, recentSessionMinutes } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { RequestFacts } from "../call/request-facts.ts";
import { elapsedMs } from "../elapsed.ts";
import { AppError } from "../errors/app-error.ts";
import { useLiveApiKey, useLiveSession, type WithStoredReply } from "./access.queries.ts";
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

/** Who may make the call, and what was found on the way. */
export interface Authorized {
  readonly actor: Actor;
  /** The reply that is stored for the call's key, still sealed. */
  readonly reply: { readonly sealed: Uint8Array; readonly created_at: Date } | undefined;
}

/** Every access but `public`. */
export type GuardedAccess = Exclude<Access, "public">;

const minuteMs = 60_000;

/**
 * Decides whether a request may do what an endpoint does, and makes its actor; the one place that does either. A token is
 * checked without the database first; then one statement finds its session, or the API key, with the user and the plan, so
 * that whatever is revoked stops working at once and on every server.
 *
 * @param replyKey hash of the call's idempotency key, where its reply is to be looked up in the same statement
 * @returns a `SessionActor` where the access asks for a session; what was found under the key
 * @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_INVALID, API_KEY_INVALID, SCOPE_MISSING, SESSION_REQUIRED,
 * REAUTHENTICATION_NEEDED, OPERATOR_REQUIRED
 */
export async function authorize(
  deps: AccessDependencies,
  access: GuardedAccess,
  replyKey?: Uint8Array,
): Promise<Authorized> {
  const { access_token } = deps.request;
  if (access_token === undefined) throw new AppError("UNAUTHENTICATED", undefined);
  const asked = { access, reply_key: replyKey, now: deps.clock() };
  return isApiKey(access_token)
    ? authorizeApiKey(deps, access_token, asked)
    : authorizeSession(deps, access_token, asked);
}

/** What is asked of either kind of token. */
interface Asked {
  readonly access: GuardedAccess;
  readonly reply_key: Uint8Array | undefined;
  readonly now: Date;
}

async function authorizeApiKey(
  deps: AccessDependencies,
  key: string,
  { access, reply_key, now }: Asked,
): Promise<Authorized> {
  const found = await joinLookUp(deps.request, reply_key, () =>
    useLiveApiKey(deps.db, {
      key_hash: hashToken(key),
      audience: deps.request.audience ?? null,
      reply_key,
      now,
    }),
  );
  if (found === undefined) throw new AppError("API_KEY_INVALID", undefined);
  const { api_key_id, scopes, plan, preferences, reply_sealed, reply_created_at, ...user } = found;
  if (access === "session" || access === "recent_session") throw new AppError("SESSION_REQUIRED", undefined);
  if (!scopes.includes(access)) throw new AppError("SCOPE_MISSING", { scope: access });
  assertOperator(user, access);
  const actor = { user_id: user.id, user, owner_id: user.id, plan, preferences, scopes, api_key_id };
  return { actor, reply: toReply({ reply_sealed, reply_created_at }) };
}

async function authorizeSession(
  deps: AccessDependencies,
  token: string,
  { access, reply_key, now }: Asked,
): Promise<Authorized> {
  const { claimed, found } = await joinLookUp(deps.request, reply_key, async () => {
    const claimed = await authenticate(deps, token);
    return { claimed, found: await useLiveSession(deps.db, { ...claimed, reply_key, now }) };
  });
  if (found === undefined) throw new AppError("TOKEN_INVALID", undefined);
  const {
    session_created_at,
    session_last_used_at,
    session_is_by_device,
    plan,
    preferences,
    reply_sealed,
    reply_created_at,
    ...user
  } = found;
  // Used later than now: the clock was set back, and the session is at least as old as it was then.
  const latest = new Date(Math.max(session_last_used_at.getTime(), now.getTime()));
  const ageMs = Math.max(elapsedMs(session_created_at, now), elapsedMs(session_created_at, latest));
  // What protects the account takes the second factor itself, not a device that stood in for it.
  const is_recent = !session_is_by_device && ageMs <= recentSessionMinutes * minuteMs;
  if (access === "recent_session" && !is_recent) {
    throw new AppError("REAUTHENTICATION_NEEDED", undefined);
  }
  assertOperator(user, access);
  const { session_id } = claimed;
  const actor: SessionActor = {
    user_id: user.id,
    user,
    owner_id: user.id,
    plan,
    preferences,
    scopes: "all",
    session_id,
    is_recent,
  };
  return { actor, reply: toReply({ reply_sealed, reply_created_at }) };
}

/** Look-ups that are under way, by the request whose token and key they are about. */
const underWay = new Map<RequestFacts, Map<boolean, Promise<unknown>>>();

/**
 * Calls of one request, which all came at the same moment, share the look-up of its token as long as it is under way: a batch asks
 * once. Whoever begins after its end asks again, so that what was revoked meanwhile is seen.
 */
function joinLookUp<TFound>(
  request: RequestFacts,
  replyKey: Uint8Array | undefined,
  lookUp: () => Promise<TFound>,
): Promise<TFound> {
  const lookUps = underWay.get(request) ?? new Map<boolean, Promise<unknown>>();
  underWay.set(request, lookUps);
  // A request has one token and one key, of which queries take no notice.
  const hasKey = replyKey !== undefined;
  const known = lookUps.get(hasKey);
  // The same request has the same kind of token, and so the same kind of row.
  if (known !== undefined) return known as Promise<TFound>;
  const asked = lookUp().finally(() => {
    lookUps.delete(hasKey);
    if (lookUps.size === 0) underWay.delete(request);
  });
  lookUps.set(hasKey, asked);
  return asked;
}

function toReply({ reply_sealed, reply_created_at }: WithStoredReply): Authorized["reply"] {
  if (reply_sealed == null || reply_created_at == null) return undefined;
  return { sealed: reply_sealed, created_at: reply_created_at };
}

/** Rights are looked at with each call, so that withdrawing them takes effect at once, for sessions and keys alike. */
function assertOperator(
  { operator_since }: Pick<Actor["user"], "operator_since">,
  access: GuardedAccess,
): void {
  if (isOperatorAccess(access) && operator_since === null) throw new AppError("OPERATOR_REQUIRED", undefined);
}
