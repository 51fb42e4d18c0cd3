import type { OrganisationRole, Plan, Scope } from "@obsqra/contract";
import {
  type Database,
  defineStatement,
  defineStatements,
  type Placeholders,
  type Row,
  type Tables,
} from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

type UserColumns = Omit<Row<Tables["users"]>, "erased_at">;

/** A live session with its user. */
export type LiveSessionRow = UserColumns & {
  readonly session_created_at: Date;
  /** As it was before this call. */
  readonly session_last_used_at: Date;
  /** Whether a remembered device stood in for the second factor when it began. */
  readonly session_is_by_device: boolean;
};

/** What a user is in an organisation, and what that has; null where the user is no member, or it is erased. */
export interface MembershipRow {
  readonly role: OrganisationRole | null;
  readonly owner_plan: Plan | null;
  readonly owner_preferences: unknown;
}

/** A live API key with its user. */
export type LiveApiKeyRow = UserColumns & { readonly scopes: readonly Scope[] } & {
  readonly api_key_id: string;
};

/** The reply that is stored for a call's idempotency key, if that was asked for and there is one. */
export interface WithStoredReply {
  readonly reply_sealed?: Uint8Array | null;
  readonly reply_created_at?: Date | null;
}

const userColumns = [
  "users.id",
  "users.is_organisation",
  "users.email",
  "users.email_verified_at",
  "users.full_name",
  "users.wallet_address",
  "users.preferences",
  "users.created_at",
  "users.updated_at",
  "users.plan",
  "users.erase_after",
  "users.operator_since",
] as const;

/** A session or key counts as used again when its last use was at least this long ago. */
const useInterval = sql`interval '1 minute'`;

/** Which session. */
interface SessionChoice {
  readonly session_id: string;
  readonly user_id: string;
  readonly now: Date;
}

/** The organisation that a call is for, where it is for one. */
interface OwnerChoice {
  readonly organisation_id: string | undefined;
}

/** SHA-256 of a call's idempotency key, where its reply is to be looked up, too. */
interface ReplyChoice {
  readonly reply_key: Uint8Array | undefined;
}

/**
 * The session of a user who is not erased; marks it as used, at most once a minute. Where the call is for an organisation, with what the
 * user is in it, in the same statement.
 */
export function useLiveSession(
  db: Database,
  session: SessionChoice & ReplyChoice & OwnerChoice,
): Promise<(LiveSessionRow & WithStoredReply & Partial<MembershipRow>) | undefined> {
  const hasKey = session.reply_key !== undefined;
  return liveSessionInUse({ hasKey, isForOther: session.organisation_id !== undefined }).first(db, session);
}

const liveSessionInUse = defineStatements(
  ({ hasKey, isForOther }: { readonly hasKey: boolean; readonly isForOther: boolean }) =>
    (db, session: Placeholders<SessionChoice & ReplyChoice & OwnerChoice>) => {
      const live = selectLiveSession(
        db.with("used", () => markUsed("auth_sessions", sql`id = ${session.session_id}`, session.now)),
        session,
      );
      if (!isForOther) {
        if (!hasKey) return live;
        return live
          .leftJoin(storedReply(session, sql`users.id::text`), (join) => join.onTrue())
          .select(["reply.reply_sealed", "reply.reply_created_at"]);
      }
      const owned = live
        .leftJoin(membership(session.organisation_id), (join) => join.onTrue())
        .select(["membership.role", "membership.owner_plan", "membership.owner_preferences"]);
      if (!hasKey) return owned;
      const replyOwner = sql`concat(${session.organisation_id}::text, ' ', users.id::text)`;
      return owned
        .leftJoin(storedReply(session, replyOwner), (join) => join.onTrue())
        .select(["reply.reply_sealed", "reply.reply_created_at"]);
    },
  { isShared: true },
);

/** By the primary key of memberships, so that neither the number of organisations nor of members matters. */
function membership(organisationId: RawBuilder<string | undefined>) {
  return sql<MembershipRow>`lateral (
    select member.role, organisation.plan as owner_plan, organisation.preferences as owner_preferences
    from organisation_members as member join users as organisation on organisation.id = member.organisation_id
    where member.user_id = users.id and member.organisation_id = ${organisationId} and organisation.erased_at is null
  )`.as<"membership">(sql.ref("membership"));
}

/** The session of a user who is not erased. */
export function findLiveSession(db: Database, session: SessionChoice): Promise<LiveSessionRow | undefined> {
  return liveSession.first(db, session);
}

const liveSession = defineStatement(selectLiveSession);

/** Which API key. */
interface ApiKeyChoice {
  readonly key_hash: Uint8Array;
  /** The URL that was called, where a key may be for that one only. */
  readonly audience: string | null;
  readonly now: Date;
}

/**
 * The API key with a hash, of a user who is not erased; marks it as used, at most once a minute. One that an agent renews is found at its
 * URL only, and until it has to be renewed.
 */
export function useLiveApiKey(
  db: Database,
  key: ApiKeyChoice & ReplyChoice,
): Promise<(LiveApiKeyRow & WithStoredReply) | undefined> {
  return liveApiKeyInUse({ hasKey: key.reply_key !== undefined }).first(db, key);
}

const liveApiKeyInUse = defineStatements(
  ({ hasKey }: { readonly hasKey: boolean }) =>
    (db, choice: Placeholders<ApiKeyChoice & ReplyChoice>) => {
      const live = db
        .with("used", () => markUsed("api_keys", sql`key_hash = ${choice.key_hash}`, choice.now))
        .selectFrom("api_keys as key")
        .innerJoin("users", "users.id", "key.user_id")
        .select([...userColumns, "key.id as api_key_id", "key.scopes"])
        // Only scopes are stored there.
        .$narrowType<{ scopes: Scope[] }>()
        .where("key.key_hash", "=", choice.key_hash)
        .where("key.revoked_at", "is", null)
        .where("key.expires_at", ">", choice.now)
        .where((is) =>
          is.or([
            is("key.resource", "is", null),
            is.and([is("key.resource", "=", choice.audience), is("key.token_expires_at", ">", choice.now)]),
          ]),
        )
        .where("users.erased_at", "is", null);
      if (!hasKey) return live;
      return live
        .leftJoin(storedReply(choice, sql`users.id::text`), (join) => join.onTrue())
        .select(["reply.reply_sealed", "reply.reply_created_at"]);
    },
  { isShared: true },
);

/**
 * The reply to a call of the user in the same statement. A row that another process has only begun to store is not seen, as it would
 * not be by a statement of its own.
 */
function storedReply(
  { reply_key, now }: Placeholders<ReplyChoice & { readonly now: Date }>,
  owner: RawBuilder<unknown>,
) {
  return sql<Required<WithStoredReply>>`lateral (
    select sealed as reply_sealed, created_at as reply_created_at from idempotency_keys
    where owner_id = ${owner} and key_hash = ${reply_key} and expires_at > ${now}
  )`.as<"reply">(sql.ref("reply"));
}

function selectLiveSession(db: Pick<Database, "selectFrom">, session: Placeholders<SessionChoice>) {
  return db
    .selectFrom("auth_sessions as session")
    .innerJoin("users", "users.id", "session.user_id")
    .select([
      ...userColumns,
      "session.created_at as session_created_at",
      "session.last_used_at as session_last_used_at",
      "session.is_by_remembered_device as session_is_by_device",
    ])
    .where("session.id", "=", session.session_id)
    .where("session.user_id", "=", session.user_id)
    .where("session.revoked_at", "is", null)
    .where("session.expires_at", ">", session.now)
    .where("users.erased_at", "is", null);
}

/**
 * Within the statement that looks it up, so that a call costs no statement more once a minute. Whoever has locked the row meanwhile
 * is not waited for: the next call marks it.
 */
function markUsed(
  table: "auth_sessions" | "api_keys",
  isIt: RawBuilder<unknown>,
  now: RawBuilder<Date>,
): RawBuilder<Record<string, never>> {
  return sql`(update ${sql.table(table)} set last_used_at = ${now} where id = (
    select id from ${sql.table(table)} where ${isIt} and revoked_at is null and expires_at > ${now}
      and (last_used_at is null or last_used_at < cast(${now} as timestamptz) - ${useInterval})
    for no key update skip locked))`;
}

/** Who acts for which organisation, as what. */
export interface Membership {
  readonly organisation_id: string;
  readonly user_id: string;
  readonly role: OrganisationRole;
}

/** What `listLiveAccess` gives for a membership that still is as it was. */
export function membershipKey({ organisation_id, user_id, role }: Membership): string {
  return `${organisation_id} ${user_id} ${role}`;
}

/**
 * Which of some sessions and API keys still let their owner in: neither ended, revoked, expired nor erased; and which of some
 * memberships still are as they were, by `membershipKey`.
 */
export async function listLiveAccess(
  db: Database,
  of: {
    readonly session_ids: readonly string[];
    readonly api_key_ids: readonly string[];
    readonly memberships: readonly Membership[];
    readonly now: Date;
  },
): Promise<string[]> {
  const organisationIds = of.memberships.map(({ organisation_id }) => organisation_id);
  const userIds = of.memberships.map(({ user_id }) => user_id);
  const { rows } = await sql<{ id: string }>`
    select session.id::text from auth_sessions as session join users on users.id = session.user_id
    where session.id = any(${of.session_ids}::uuid[]) and session.revoked_at is null
      and session.expires_at > ${of.now} and users.erased_at is null
    union all
    select key.id::text from api_keys as key join users on users.id = key.user_id
    where key.id = any(${of.api_key_ids}::uuid[]) and key.revoked_at is null
      and key.expires_at > ${of.now} and users.erased_at is null
    union all
    select concat(member.organisation_id, ' ', member.user_id, ' ', member.role)
    from unnest(${organisationIds}::uuid[], ${userIds}::uuid[]) as asked (organisation_id, user_id)
    join organisation_members as member
      on member.user_id = asked.user_id and member.organisation_id = asked.organisation_id`.execute(db);
  return rows.map(({ id }) => id);
}
