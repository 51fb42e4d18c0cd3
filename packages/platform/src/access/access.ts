import type { Access, Permission } from "@obsqra/contract";
import {
  isOfOrganisations,
  isOperatorAccess,
  mayDo,
  recentSessionMinutes,
  scopesOfRole,
} from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { z } from "zod";
import type { RequestFacts } from "../call/request-facts.ts";
import { elapsedMs } from "../elapsed.ts";
import { AppError } from "../errors/app-error.ts";
import { useLiveApiKey, useLiveSession, type WithStoredReply } from "./access.queries.ts";
import { type AccessTokenSettings, authenticate, type ClaimedSession } from "./access-token.ts";
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
type GuardedAccess = Exclude<Access, "public">;

/** What an endpoint asks of whoever calls. */
export interface AskedAccess {
  readonly access: GuardedAccess;
  /** What the role of a member has to let them do; undefined for what is about an account, and never for an organisation. */
  readonly permission: Permission | undefined;
}

const minuteMs = 60_000;

/**
 * Decides whether a request may do what an endpoint does, and makes its actor; the one place that does either. A token is
 * checked without the database first; then one statement finds its session, or the API key, with the user and the plan, so
 * that whatever is revoked stops working at once and on every server.
 *
 * Where the call is for an organisation, the same statement finds what the user is in it, so that whoever was removed has no access from
 * then on. What is foreign is refused like what does not exist.
 *
 * @param replyKey hash of the call's idempotency key, where its reply is to be looked up in the same statement
 * @returns a `SessionActor` where the access asks for a session; what was found under the key
 * @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_INVALID, API_KEY_INVALID, SCOPE_MISSING, SESSION_REQUIRED,
 * REAUTHENTICATION_NEEDED, OPERATOR_REQUIRED, ACCOUNT_ONLY, ORGANISATION_REQUIRED, ORGANISATION_NOT_FOUND, ROLE_INSUFFICIENT
 */
export async function authorize(
  deps: AccessDependencies,
  { access, permission }: AskedAccess,
  replyKey?: Uint8Array,
): Promise<Authorized> {
  const { access_token } = deps.request;
  if (access_token === undefined) throw new AppError("UNAUTHENTICATED", undefined);
  const asked = { access, permission, reply_key: replyKey, now: deps.clock() };
  return isApiKey(access_token)
    ? authorizeApiKey(deps, access_token, asked)
    : authorizeSession(deps, access_token, asked);
}

/** What is asked of either kind of token. */
interface Asked extends AskedAccess {
  readonly reply_key: Uint8Array | undefined;
  readonly now: Date;
}

async function authorizeApiKey(
  deps: AccessDependencies,
  key: string,
  { access, permission, reply_key, now }: Asked,
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
  assertOwner(deps.request, { user, permission });
  const actor = { user_id: user.id, user, owner_id: user.id, plan, preferences, scopes, api_key_id };
  return { actor, reply: toReply({ reply_sealed, reply_created_at }) };
}

async function authorizeSession(
  deps: AccessDependencies,
  token: string,
  { access, permission, reply_key, now }: Asked,
): Promise<Authorized> {
  const { claimed, found } = await joinLookUp(deps.request, reply_key, async () => {
    const claimed = await authenticate(deps, token);
    const organisation_id = organisationIn(deps.request, claimed);
    return { claimed, found: await useLiveSession(deps.db, { ...claimed, organisation_id, reply_key, now }) };
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
    role,
    owner_plan,
    owner_preferences,
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
  const caller = { user_id: user.id, user, session_id, is_recent };
  const reply = toReply({ reply_sealed, reply_created_at });
  const organisation_id = organisationIn(deps.request, claimed);
  if (organisation_id === undefined) {
    assertOwner({ owner: undefined }, { user, permission });
    return { actor: { ...caller, owner_id: user.id, plan, preferences, scopes: "all" }, reply };
  }
  if (permission === undefined) throw new AppError("ACCOUNT_ONLY", undefined);
  if (role == null || owner_plan == null) throw new AppError("ORGANISATION_NOT_FOUND", undefined);
  if (!mayDo(role, permission)) throw new AppError("ROLE_INSUFFICIENT", { role, permission });
  const owned = { owner_id: organisation_id, plan: owner_plan, preferences: owner_preferences };
  const actor: SessionActor = { ...caller, ...owned, role, permission, scopes: scopesOfRole(role) };
  return { actor, reply };
}

/** No organisation has this id, so that what is no id at all is looked up, and refused, like any other. */
const nobody = "00000000-0000-0000-0000-000000000000";

/** The organisation that a request of a signed-in user is for; undefined where it is for themselves. */
function organisationIn({ owner }: RequestFacts, { user_id }: ClaimedSession): string | undefined {
  if (owner === undefined || owner.toLowerCase() === user_id) return undefined;
  return z.uuid().safeParse(owner).success ? owner.toLowerCase() : nobody;
}

/**
 * Whether an account may be called for as it is: by itself, or by its API key, which acts for nobody else.
 *
 * @throws AppError ACCOUNT_ONLY, ORGANISATION_REQUIRED, ORGANISATION_NOT_FOUND
 */
function assertOwner(
  { owner }: Pick<RequestFacts, "owner">,
  { user, permission }: { readonly user: Actor["user"]; readonly permission: Permission | undefined },
): void {
  const isForItself = owner === undefined || owner.toLowerCase() === user.id;
  if (permission === undefined && (user.is_organisation || !isForItself)) {
    throw new AppError("ACCOUNT_ONLY", undefined);
  }
  if (!isForItself) throw new AppError("ORGANISATION_NOT_FOUND", undefined);
  if (permission !== undefined && isOfOrganisations(permission) && !user.is_organisation) {
    throw new AppError("ORGANISATION_REQUIRED", undefined);
  }
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
