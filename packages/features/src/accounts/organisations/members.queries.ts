import type { OrganisationRole } from "@obsqra/contract";
import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

/** A member with what other members see of the account. */
export type MemberRow = Pick<Row<Tables["organisation_members"]>, "id" | "user_id" | "role" | "joined_at"> &
  Pick<Row<Tables["users"]>, "full_name" | "email">;

/** Which member of which organisation. */
export interface MemberChoice {
  readonly organisation_id: string;
  readonly user_id: string;
}

const columns = [
  "member.id",
  "member.user_id",
  "member.role",
  "member.joined_at",
  "account.full_name",
  "account.email",
] as const;

/** The members of an organisation, by when they joined. */
export async function listMembers(
  db: Database,
  page: TimePage & { readonly organisation_id: string },
): Promise<MemberRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = selectMembers(db, page.organisation_id);
  if (page.after !== undefined) query = query.where("member.id", beyond, page.after);
  return query.orderBy("member.id", direction).limit(page.limit).execute();
}

export async function findMember(db: Database, choice: MemberChoice): Promise<MemberRow | undefined> {
  return selectMembers(db, choice.organisation_id)
    .where("member.user_id", "=", choice.user_id)
    .executeTakeFirst();
}

/** @returns undefined when it would be one too many */
export async function insertMember(
  trx: DatabaseTransaction,
  { row, max }: { readonly row: NewRow<Tables["organisation_members"]>; readonly max: number },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into organisation_members (id, organisation_id, user_id, role, joined_at)
    select ${row.id}, ${row.organisation_id}, ${row.user_id}, ${row.role}, ${row.joined_at}
    where (select count(*) from organisation_members where organisation_id = ${row.organisation_id}) < ${max}
    returning id`.execute(trx);
  return rows[0]?.id;
}

export async function updateRole(
  trx: DatabaseTransaction,
  { organisation_id, user_id, role }: MemberChoice & { readonly role: OrganisationRole },
): Promise<void> {
  await trx
    .updateTable("organisation_members")
    .set({ role })
    .where("organisation_id", "=", organisation_id)
    .where("user_id", "=", user_id)
    .execute();
}

export async function deleteMember(
  trx: DatabaseTransaction,
  { organisation_id, user_id }: MemberChoice,
): Promise<void> {
  await trx
    .deleteFrom("organisation_members")
    .where("organisation_id", "=", organisation_id)
    .where("user_id", "=", user_id)
    .execute();
}

/** The addresses of some owners, those who joined first. */
export async function listOwnerAddresses(
  db: Database,
  { organisation_id, limit }: { readonly organisation_id: string; readonly limit: number },
): Promise<{ user_id: string; email: string }[]> {
  return selectMembers(db, organisation_id)
    .clearSelect()
    .select(["member.user_id", "account.email"])
    .where("member.role", "=", "owner")
    .orderBy("member.id")
    .limit(limit)
    .execute();
}

/** The owners who are told of something by mail, with the name of their organisation: those with a confirmed address. */
export async function listOwnersToTell(
  db: Database,
  { organisation_id, limit }: { readonly organisation_id: string; readonly limit: number },
): Promise<{ user_id: string; email: string; organisation: string }[]> {
  return db
    .selectFrom("organisation_members as member")
    .innerJoin("users as account", "account.id", "member.user_id")
    .innerJoin("users as organisation", "organisation.id", "member.organisation_id")
    .select(["member.user_id", "account.email", "organisation.full_name as organisation"])
    .where("member.organisation_id", "=", organisation_id)
    .where("member.role", "=", "owner")
    .where("account.email_verified_at", "is not", null)
    .orderBy("member.id")
    .limit(limit)
    .execute();
}

function selectMembers(db: Database, organisationId: string) {
  return db
    .selectFrom("organisation_members as member")
    .innerJoin("users as account", "account.id", "member.user_id")
    .select(columns)
    .where("member.organisation_id", "=", organisationId);
}
