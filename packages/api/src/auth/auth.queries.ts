import type { Database, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

export type NewUserRow = NewRow<Tables["users"]>;
type NewSessionRow = NewRow<Tables["auth_sessions"]>;
type NewRefreshTokenRow = NewRow<Tables["auth_refresh_tokens"]>;
export type SessionOwner = Pick<Row<Tables["auth_sessions"]>, "id" | "user_id">;

/** A session and the first refresh token of it. */
export interface NewSession {
  readonly session: NewSessionRow;
  readonly refreshToken: NewRefreshTokenRow;
}

/** One statement for all four rows: either the account exists and is signed in, or nothing happened. */
export async function insertUserWithSession(
  db: Database,
  rows: NewSession & { readonly user: NewUserRow; readonly passwordHash: string },
): Promise<void> {
  await db
    .with("new_user", (query) => query.insertInto("users").values(rows.user).returning("id"))
    .with("new_password", (query) =>
      query.insertInto("user_passwords").values({
        user_id: rows.user.id,
        hash: rows.passwordHash,
        changed_at: rows.user.created_at,
      }),
    )
    .with("new_session", (query) => query.insertInto("auth_sessions").values(rows.session))
    .with("new_token", (query) => query.insertInto("auth_refresh_tokens").values(rows.refreshToken))
    .selectFrom("new_user")
    .select("id")
    .execute();
}

export async function insertSession(db: Database, rows: NewSession): Promise<void> {
  await db
    .with("new_session", (query) => query.insertInto("auth_sessions").values(rows.session).returning("id"))
    .with("new_token", (query) => query.insertInto("auth_refresh_tokens").values(rows.refreshToken))
    .selectFrom("new_session")
    .select("id")
    .execute();
}

export async function findCredentials(
  db: Database,
  email: string,
): Promise<{ user_id: string; hash: string } | undefined> {
  return db
    .selectFrom("users")
    .innerJoin("user_passwords", "user_passwords.user_id", "users.id")
    .select(["users.id as user_id", "user_passwords.hash"])
    .where("users.email", "=", email)
    .executeTakeFirst();
}

/** Replaces a hash unless the password was changed in the meantime. */
export async function updatePasswordHash(
  db: Database,
  change: { readonly user_id: string; readonly from: string; readonly to: string },
): Promise<void> {
  await db
    .updateTable("user_passwords")
    .set({ hash: change.to })
    .where("user_id", "=", change.user_id)
    .where("hash", "=", change.from)
    .execute();
}

/**
 * Spends a refresh token and stores the next one, in one statement, so that of parallel attempts only one wins.
 *
 * @returns the session, or undefined when the token is unknown, used, expired, or its session has ended
 */
export async function spendRefreshToken(
  db: Database,
  rotation: {
    readonly spent: Uint8Array;
    readonly next: Uint8Array;
    readonly now: Date;
    readonly nextExpiresAt: Date;
  },
): Promise<SessionOwner | undefined> {
  const { spent, next, now, nextExpiresAt } = rotation;
  return db
    .with("spent", (query) =>
      query
        .updateTable("auth_refresh_tokens as token")
        .from("auth_sessions as session")
        .set({ used_at: now })
        .whereRef("session.id", "=", "token.session_id")
        .where("token.token_hash", "=", spent)
        .where("token.used_at", "is", null)
        .where("token.expires_at", ">", now)
        .where("session.revoked_at", "is", null)
        .where("session.expires_at", ">", now)
        .returning(["session.id", "session.user_id", "session.expires_at"]),
    )
    .with("touched", (query) =>
      query
        .updateTable("auth_sessions")
        .set({ last_used_at: now })
        .where("id", "in", (inner) => inner.selectFrom("spent").select("spent.id")),
    )
    .with("inserted", (query) =>
      query
        .insertInto("auth_refresh_tokens")
        .columns(["token_hash", "session_id", "created_at", "expires_at"])
        .expression((inner) =>
          inner
            .selectFrom("spent")
            .select([
              sql<Uint8Array>`cast(${next} as bytea)`.as("token_hash"),
              "spent.id",
              sql<Date>`cast(${now} as timestamptz)`.as("created_at"),
              sql<Date>`least(spent.expires_at, cast(${nextExpiresAt} as timestamptz))`.as("expires_at"),
            ]),
        ),
    )
    .selectFrom("spent")
    .select(["spent.id", "spent.user_id"])
    .executeTakeFirst();
}

/** Ends the session of a refresh token that was spent before the given time. */
export async function revokeSessionOfReplayedToken(
  db: Database,
  replay: { readonly token: Uint8Array; readonly usedBefore: Date; readonly now: Date },
): Promise<void> {
  await db
    .updateTable("auth_sessions")
    .set({ revoked_at: replay.now, revoke_reason: "refresh token replayed" })
    .where("revoked_at", "is", null)
    .where("id", "in", (query) =>
      query
        .selectFrom("auth_refresh_tokens")
        .select("session_id")
        .where("token_hash", "=", replay.token)
        .where("used_at", "<", replay.usedBefore),
    )
    .execute();
}

export async function revokeSession(
  db: Database,
  session: SessionOwner & { readonly now: Date; readonly reason: string },
): Promise<void> {
  await db
    .updateTable("auth_sessions")
    .set({ revoked_at: session.now, revoke_reason: session.reason })
    .where("id", "=", session.id)
    .where("user_id", "=", session.user_id)
    .where("revoked_at", "is", null)
    .execute();
}
