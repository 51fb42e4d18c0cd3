import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { latestMoment, type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

export type NewInvitationRow = NewRow<Tables["organisation_invitations"]>;
export type InvitationRow = Omit<
  Row<Tables["organisation_invitations"]>,
  "organisation_id" | "token_hash" | "address_hash"
>;

/** An invitation as its link finds it. */
export type OpenedInvitationRow = Pick<
  Row<Tables["organisation_invitations"]>,
  "id" | "organisation_id" | "address_hash" | "role" | "invited_by"
>;

const columns = ["id", "email_sealed", "role", "invited_by", "created_at", "expires_at"] as const;

/**
 * Inserts an invitation, in the place of one to the same address. Lock the organisation before, so that they are counted one after the
 * other.
 *
 * @returns undefined when too many wait
 */
export async function insertInvitation(
  trx: DatabaseTransaction,
  { row, max }: { readonly row: NewInvitationRow; readonly max: number },
): Promise<InvitationRow | undefined> {
  const names = sql.join(Object.keys(row).map((name) => sql.ref(name)));
  const values = sql.join(Object.values(row).map((value) => sql`${value}`));
  await trx
    .deleteFrom("organisation_invitations")
    .where("organisation_id", "=", row.organisation_id)
    .where((is) => is.or([is("address_hash", "=", row.address_hash), is("expires_at", "<=", row.created_at)]))
    .execute();
  const { rows } = await sql<InvitationRow>`
    insert into organisation_invitations (${names}) select ${values}
    where (select count(*) from organisation_invitations where organisation_id = ${row.organisation_id}) < ${max}
    returning ${sql.join(columns.map((column) => sql.ref(column)))}`.execute(trx);
  return rows[0];
}

/** The invitations of an organisation that wait, by time. */
export async function listInvitations(
  db: Database,
  page: TimePage & { readonly organisation_id: string; readonly now: Date },
): Promise<InvitationRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .selectFrom("organisation_invitations")
    .select(columns)
    .where("organisation_id", "=", page.organisation_id)
    .where("expires_at", ">", page.now);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

/** The invitation that a link is for, as long as it waits. It is left as it is. */
export async function findInvitation(
  db: Database,
  link: { readonly token_hash: Uint8Array; readonly now: Date },
): Promise<OpenedInvitationRow | undefined> {
  return (
    db
      .selectFrom("organisation_invitations")
      .select(["id", "organisation_id", "address_hash", "role", "invited_by"])
      .where("token_hash", "=", link.token_hash)
      .where("expires_at", ">", link.now)
      // One that is from later than now was made before the clock was set back, and would work for longer than it may.
      .where("created_at", "<=", latestMoment(link.now))
      .executeTakeFirst()
  );
}

/** @returns whether it was there, and what its role was; of parallel uses, one finds it */
export async function deleteInvitation(
  trx: DatabaseTransaction,
  invitation: { readonly id: string; readonly organisation_id: string },
): Promise<Pick<InvitationRow, "role"> | undefined> {
  return trx
    .deleteFrom("organisation_invitations")
    .where("id", "=", invitation.id)
    .where("organisation_id", "=", invitation.organisation_id)
    .returning("role")
    .executeTakeFirst();
}

/** Takes back the invitations of an organisation, all or those that a member has sent. */
export async function deleteInvitations(
  trx: DatabaseTransaction,
  { organisation_id, invited_by }: { readonly organisation_id: string; readonly invited_by?: string },
): Promise<void> {
  let query = trx.deleteFrom("organisation_invitations").where("organisation_id", "=", organisation_id);
  if (invited_by !== undefined) query = query.where("invited_by", "=", invited_by);
  await query.execute();
}
