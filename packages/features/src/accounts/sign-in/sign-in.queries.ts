import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import { insertForOwner, writeForAddress } from "../account.queries.ts";

export type NewUserRow = NewRow<Tables["users"]>;
type NewSessionRow = NewRow<Tables["auth_sessions"]>;
type NewRefreshTokenRow = NewRow<Tables["auth_refresh_tokens"]>;

/** What is known of an email that signs in. Without a password there is no owner. */
export interface Credentials {
  readonly user_id: string | null;
  readonly hash: string | null;
  /** Whether the password alone lets nobody in. */
  readonly needs_second_factor: boolean | null;
  readonly has_passkey: boolean | null;
  /** Since when the address is known to be theirs. */
  readonly email_verified_at: Date | null;
  /** Whether any hash of the original backend is left, of whomever. */
  readonly are_legacy_hashes_left: boolean;
}

/** A session and the first refresh token of it. */
export interface NewSessionRows {
  readonly session: NewSessionRow;
  readonly refreshToken: NewRefreshTokenRow;
}

/** A password that was right when it was checked. */
interface CheckedPassword {
  readonly user_id: string;
  /** What the password was compared with. */
  readonly hash: string;
  /** What is to be stored in its place, where it is of an older kind. */
  readonly newHash: string | undefined;
}

/** A session that a password opens. */
export interface PasswordLogin extends NewSessionRows, CheckedPassword {
  /** The remembered device that stands in for the second factor. @default there is no second factor */
  readonly device_id?: string | undefined;
  /** The session in whose place it begins: its provider can end this one, too. @default none */
  readonly replaces?: string;
  readonly event: NewRow<Tables["audit_events"]>;
  readonly mail: NewRow<Tables["email_outbox"]> | undefined;
}

/** A login with a wrong password, or of nobody. */
export interface FailedLogin {
  readonly email: string;
  /** Of whoever has the email. */
  readonly event: NewRow<Tables["audit_events"]>;
}

/** Where a session was begun. */
export interface Device {
  readonly ip: string | null;
  /** The device, as it describes itself. */
  readonly user_agent: string | null;
}

/** A refresh token of a live session. */
export type RefreshTokenRow = Pick<
  Row<Tables["auth_refresh_tokens"]>,
  "session_id" | "used_at" | "expires_at"
> &
  Pick<Row<Tables["auth_sessions"]>, "user_id">;

export async function insertUser(trx: DatabaseTransaction, row: NewUserRow): Promise<void> {
  await trx.insertInto("users").values(row).execute();
}

/** One statement for all rows: either the account exists, is signed in and gets its mail, or nothing happened. */
export async function insertUserWithSession(
  trx: DatabaseTransaction,
  rows: NewSessionRows & {
    readonly user: NewUserRow;
    readonly passwordHash: string;
    readonly oneTimeToken: NewRow<Tables["auth_one_time_tokens"]>;
    readonly mail: NewRow<Tables["email_outbox"]>;
    readonly event: NewRow<Tables["audit_events"]>;
  },
): Promise<void> {
  // That the user exists is checked at the end of the statement, so the order does not matter.
  await trx
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
    .with("new_link", (query) => query.insertInto("auth_one_time_tokens").values(rows.oneTimeToken))
    .with("new_mail", (query) => query.insertInto("email_outbox").values(rows.mail))
    .with("new_event", (query) => query.insertInto("audit_events").values(rows.event))
    .selectFrom("new_user")
    .select("id")
    .execute();
}

/**
 * Begins a session if the password that was verified is still the user's, and lets in by itself or with a device; replaces its hash where it is of an older kind. One
 * statement: its lock makes a change of the password either see this session, and end it, or be seen here.
 *
 * @returns whether the session was begun
 */
export async function insertSessionOfPassword(
  trx: DatabaseTransaction,
  login: PasswordLogin,
): Promise<boolean> {
  const { mail, replaces } = login;
  const { rows } = await sql`
    with owner as (${ownerOf(login, { needsSecondFactor: login.device_id !== undefined })}),
    new_session as (${insertForOwner("auth_sessions", login.session)}),
    new_token as (
      insert into auth_refresh_tokens (token_hash, session_id, created_at, expires_at)
      select ${login.refreshToken.token_hash}, ${login.refreshToken.session_id}, ${login.refreshToken.created_at},
        ${login.refreshToken.expires_at} from owner
    ),
    ${
      replaces === undefined
        ? sql``
        : sql`moved as (
      update session_identities set session_id = ${login.session.id}
      where session_id = ${replaces} and exists (select from owner)
    ),`
    }
    ${mail === undefined ? sql`` : sql`new_mail as (${insertForOwner("email_outbox", mail)}),`}
    new_event as (${insertForOwner("audit_events", login.event)})
    select from owner`.execute(trx);
  return rows.length > 0;
}

/**
 * Stores a login that waits for the second factor, if the password that was verified is still the user's and takes one, as above.
 *
 * @returns whether it was stored
 */
export async function insertPendingLogin(
  trx: DatabaseTransaction,
  login: CheckedPassword & {
    readonly pending: NewRow<Tables["auth_one_time_tokens"]>;
    readonly event: NewRow<Tables["audit_events"]>;
  },
): Promise<boolean> {
  const { rows } = await sql`
    with owner as (${ownerOf(login, { needsSecondFactor: true })}),
    new_pending as (${insertForOwner("auth_one_time_tokens", login.pending)}),
    new_event as (${insertForOwner("audit_events", login.event)})
    select from owner`.execute(trx);
  return rows.length > 0;
}

/** Locks the row of a password that is still the user's; replaces its hash where it is of an older kind. */
function ownerOf(
  { user_id, hash, newHash }: CheckedPassword,
  { needsSecondFactor }: { readonly needsSecondFactor: boolean },
): RawBuilder<unknown> {
  const isSame = sql`user_id = ${user_id} and hash = ${hash} and needs_second_factor = ${needsSecondFactor}`;
  return newHash === undefined
    ? sql`select user_id as id from user_passwords where ${isSame} for share`
    : sql`update user_passwords set hash = ${newHash} where ${isSame} returning user_id as id`;
}

/** Begins a session, once the account is locked and everything is shown that it takes. */
export async function insertSession(
  trx: DatabaseTransaction,
  { session, refreshToken, mail, replaces }: NewSessionRows & Pick<PasswordLogin, "mail" | "replaces">,
): Promise<void> {
  await trx
    .with("new_session", (query) => query.insertInto("auth_sessions").values(session).returning("id"))
    // Of none, where it replaces none: nothing refers to its own id yet.
    .with("moved", (query) =>
      query
        .updateTable("session_identities")
        .set({ session_id: session.id })
        .where("session_id", "=", replaces ?? session.id),
    )
    .insertInto("auth_refresh_tokens")
    .values(refreshToken)
    .execute();
  if (mail !== undefined) await trx.insertInto("email_outbox").values(mail).execute();
}

/**
 * The account of an email that has a password, where there is one, and whether any hash of the original backend is left.
 * One row and the same work either way.
 */
export async function findCredentials(db: Database, email: string): Promise<Credentials> {
  const { rows } = await sql<Credentials>`
    select owner.user_id, owner.hash, owner.needs_second_factor, owner.has_passkey, owner.email_verified_at, legacy.are_left as are_legacy_hashes_left
    from (select exists (select from user_passwords where hash like '$2%') as are_left) as legacy
    left join (
      select users.id as user_id, user_passwords.hash, user_passwords.needs_second_factor, users.email_verified_at,
        exists (select from passkeys where passkeys.user_id = users.id) as has_passkey
      from users join user_passwords on user_passwords.user_id = users.id where users.email = ${email}
    ) as owner on true`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("A left join of one row has one.");
  return row;
}

/** Adds the event of a failed login to the log of whoever has the email, in the same time where nobody has it. */
export async function insertFailedLogin(trx: DatabaseTransaction, failed: FailedLogin): Promise<void> {
  await writeForAddress(trx, failed.email, { event: insertForOwner("audit_events", failed.event) });
}

/** Where a user's sessions were begun, the latest first. */
export async function listDevices(db: Database, userId: string): Promise<Device[]> {
  return db
    .selectFrom("auth_sessions")
    .select(["ip", "user_agent"])
    .where("user_id", "=", userId)
    .groupBy(["ip", "user_agent"])
    .orderBy(({ fn }) => fn.max("created_at"), "desc")
    .limit(1000)
    .execute();
}

/** A refresh token, spent or not, whose session is live. */
export async function findRefreshToken(
  db: Database,
  { token_hash, now }: { readonly token_hash: Uint8Array; readonly now: Date },
): Promise<RefreshTokenRow | undefined> {
  return db
    .selectFrom("auth_refresh_tokens as token")
    .innerJoin("auth_sessions as session", "session.id", "token.session_id")
    .select(["token.session_id", "token.used_at", "token.expires_at", "session.user_id"])
    .where("token.token_hash", "=", token_hash)
    .where("session.revoked_at", "is", null)
    .where("session.expires_at", ">", now)
    .executeTakeFirst();
}

/**
 * Spends a refresh token and stores the next one, in one statement, so that of parallel attempts only one wins.
 *
 * @returns whether it was spent; not when the token is unknown, used, expired, or its session has ended
 */
export async function spendRefreshToken(
  trx: DatabaseTransaction,
  rotation: {
    readonly spent: Uint8Array;
    readonly next: Uint8Array;
    readonly now: Date;
    readonly nextExpiresAt: Date;
  },
): Promise<boolean> {
  const { spent, next, now, nextExpiresAt } = rotation;
  const touched = await trx
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
        .returning(["session.id", "session.expires_at"]),
    )
    .with("touched", (query) =>
      query
        .updateTable("auth_sessions")
        // Never back: by it, access sees that the clock was set back.
        .set({ last_used_at: sql`greatest(last_used_at, cast(${now} as timestamptz))` })
        .where("id", "in", (inner) => inner.selectFrom("spent").select("spent.id"))
        // Once more, for a session that is ended at this moment: its row is looked at again when that is done.
        .where("revoked_at", "is", null)
        .returning("id"),
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
    .selectFrom("touched")
    .select("touched.id")
    .executeTakeFirst();
  return touched !== undefined;
}
