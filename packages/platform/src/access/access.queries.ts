import type { Scope } from "@obsqra/contract";
import type { Database, Row, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

type UserColumns = Omit<Row<Tables["users"]>, "erased_at">;

/** A live session with its user. */
export type LiveSessionRow = UserColumns & {
  readonly session_created_at: Date;
  /** As it was before this call. */
  readonly session_last_used_at: Date;
};

/** A live API key with its user. */
export type LiveApiKeyRow = UserColumns & { readonly scopes: readonly Scope[] } & {
  readonly api_key_id: string;
};

const userColumns = [
  "users.id",
  "users.email",
  "users.email_verified_at",
  "users.full_name",
  "users.wallet_address",
  "users.preferences",
  "users.created_at",
  "users.updated_at",
  "users.plan",
  "users.erase_after",
] as const;

/** A session or key counts as used again when its last use was at least this long ago. */
const useInterval = sql`interval '1 minute'`;

/** The session of a user who is not erased; marks it as used, at most once a minute. */
export async function useLiveSession(
  db: Database,
  session: { readonly session_id: string; readonly user_id: string; readonly now: Date },
): Promise<LiveSessionRow | undefined> {
  return selectLiveSession(
    db.with("used", () => markUsed("auth_sessions", sql`id = ${session.session_id}`, session.now)),
    session,
  );
}

/** The session of a user who is not erased. */
export async function findLiveSession(
  db: Database,
  session: { readonly session_id: string; readonly user_id: string; readonly now: Date },
): Promise<LiveSessionRow | undefined> {
  return selectLiveSession(db, session);
}

/** The API key with a hash, of a user who is not erased; marks it as used, at most once a minute. */
export async function useLiveApiKey(
  db: Database,
  key: { readonly key_hash: Uint8Array; readonly now: Date },
): Promise<LiveApiKeyRow | undefined> {
  return (
    db
      .with("used", () => markUsed("api_keys", sql`key_hash = ${key.key_hash}`, key.now))
      .selectFrom("api_keys as key")
      .innerJoin("users", "users.id", "key.user_id")
      .select([...userColumns, "key.id as api_key_id", "key.scopes"])
      // Only scopes are stored there.
      .$narrowType<{ scopes: Scope[] }>()
      .where("key.key_hash", "=", key.key_hash)
      .where("key.revoked_at", "is", null)
      .where("key.expires_at", ">", key.now)
      .where("users.erased_at", "is", null)
      .executeTakeFirst()
  );
}

function selectLiveSession(
  db: Pick<Database, "selectFrom">,
  session: { readonly session_id: string; readonly user_id: string; readonly now: Date },
): Promise<LiveSessionRow | undefined> {
  return db
    .selectFrom("auth_sessions as session")
    .innerJoin("users", "users.id", "session.user_id")
    .select([
      ...userColumns,
      "session.created_at as session_created_at",
      "session.last_used_at as session_last_used_at",
    ])
    .where("session.id", "=", session.session_id)
    .where("session.user_id", "=", session.user_id)
    .where("session.revoked_at", "is", null)
    .where("session.expires_at", ">", session.now)
    .where("users.erased_at", "is", null)
    .executeTakeFirst();
}

/** Within the statement that looks it up, so that a call costs no statement more once a minute. */
function markUsed(
  table: "auth_sessions" | "api_keys",
  isIt: RawBuilder<unknown>,
  now: Date,
): RawBuilder<Record<string, never>> {
  return sql`(update ${sql.table(table)} set last_used_at = ${now}
    where ${isIt} and revoked_at is null and expires_at > ${now}
      and (last_used_at is null or last_used_at < cast(${now} as timestamptz) - ${useInterval}))`;
}
