import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";

/** Says by which identity a session was begun. */
export async function insertSessionIdentity(
  trx: DatabaseTransaction,
  row: NewRow<Tables["session_identities"]>,
): Promise<void> {
  await trx.insertInto("session_identities").values(row).execute();
}

/** What a provider says has ended. */
export interface EndedSessions {
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly provider_session: string | undefined;
  /** Later ones are not meant. */
  readonly begun_until: Date;
  readonly now: Date;
}

/** The live sessions that a provider means, by their users. */
export async function listSessionsOfProvider(
  db: Database,
  { issuer, subject, provider_session, begun_until, now }: EndedSessions,
): Promise<{ readonly id: string; readonly user_id: string }[]> {
  let query = db
    .selectFrom("session_identities as begun")
    .innerJoin("identities as identity", "identity.id", "begun.identity_id")
    .innerJoin("auth_sessions as session", "session.id", "begun.session_id")
    .select(["session.id", "session.user_id"])
    .where("identity.issuer", "=", issuer)
    .where("session.created_at", "<=", begun_until)
    .where("session.revoked_at", "is", null)
    .where("session.expires_at", ">", now);
  if (subject !== undefined) query = query.where("identity.subject", "=", subject);
  if (provider_session !== undefined) query = query.where("begun.provider_session", "=", provider_session);
  return query.orderBy("session.user_id").orderBy("session.id").execute();
}
