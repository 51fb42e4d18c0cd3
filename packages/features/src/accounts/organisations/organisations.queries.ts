import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";

/** An organisation as a member of it sees it. */
export interface OrganisationRow {
  readonly id: string;
  readonly full_name: string;
  readonly plan: Row<Tables["users"]>["plan"];
  readonly created_at: Date;
  readonly erase_after: Date | null;
}

/** One of a user's organisations. */
export type MyOrganisationRow = Omit<OrganisationRow, "plan"> &
  Pick<Row<Tables["organisation_members"]>, "role"> & { readonly member_id: string };

const columns = ["id", "full_name", "plan", "created_at", "erase_after"] as const;

/** Makes an organisation with its first owner. */
export async function insertOrganisation(
  trx: DatabaseTransaction,
  rows: {
    readonly organisation: NewRow<Tables["users"]>;
    readonly owner: NewRow<Tables["organisation_members"]>;
  },
): Promise<OrganisationRow> {
  // That the organisation exists is checked at the end of the statement, so the order does not matter.
  return trx
    .with("new_organisation", (query) =>
      query.insertInto("users").values(rows.organisation).returning(columns),
    )
    .with("new_owner", (query) => query.insertInto("organisation_members").values(rows.owner))
    .selectFrom("new_organisation")
    .select(columns)
    .executeTakeFirstOrThrow();
}

export async function findOrganisation(db: Database, id: string): Promise<OrganisationRow | undefined> {
  return db
    .selectFrom("users")
    .select(columns)
    .where("id", "=", id)
    .where("is_organisation", "=", true)
    .where("erased_at", "is", null)
    .executeTakeFirst();
}

/**
 * Holds an organisation until the transaction ends, so that changes of its members, invitations and keys happen one after the other. Lock
 * the account of whoever acts before.
 */
export async function lockOrganisation(
  trx: DatabaseTransaction,
  id: string,
): Promise<OrganisationRow | undefined> {
  return trx
    .selectFrom("users")
    .select(columns)
    .where("id", "=", id)
    .where("is_organisation", "=", true)
    .where("erased_at", "is", null)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

export async function updateName(
  trx: DatabaseTransaction,
  change: { readonly id: string; readonly name: string; readonly now: Date },
): Promise<void> {
  await trx
    .updateTable("users")
    .set({ full_name: change.name, updated_at: change.now })
    .where("id", "=", change.id)
    .execute();
}

/** A user's organisations, by when they joined. */
export async function listOrganisations(
  db: Database,
  page: TimePage & { readonly user_id: string },
): Promise<MyOrganisationRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .selectFrom("organisation_members as member")
    .innerJoin("users as organisation", "organisation.id", "member.organisation_id")
    .select([
      "member.id as member_id",
      "member.role",
      "organisation.id",
      "organisation.full_name",
      "organisation.created_at",
      "organisation.erase_after",
    ])
    .where("member.user_id", "=", page.user_id);
  if (page.after !== undefined) query = query.where("member.id", beyond, page.after);
  return query.orderBy("member.id", direction).limit(page.limit).execute();
}

/** How many organisations a user owns, counted up to a limit. */
export async function countOwned(
  db: Database,
  { user_id, max }: { readonly user_id: string; readonly max: number },
): Promise<number> {
  const owned = await db
    .selectFrom("organisation_members")
    .select("organisation_id")
    .where("user_id", "=", user_id)
    .where("role", "=", "owner")
    .limit(max)
    .execute();
  return owned.length;
}

/**
 * Holds the organisations that a user belongs to and that are not going to be deleted, in the order of their ids. Also where the user is no
 * owner: somebody may just be making them the only one.
 *
 * @returns those of which the user is an owner, and nobody else is one who stays
 */
export async function lockSolelyOwned(trx: DatabaseTransaction, userId: string): Promise<string[]> {
  const joined = await trx
    .selectFrom("users as organisation")
    .innerJoin("organisation_members as member", "member.organisation_id", "organisation.id")
    .select("organisation.id")
    .where("member.user_id", "=", userId)
    .where("organisation.erase_after", "is", null)
    .orderBy("organisation.id")
    .forNoKeyUpdate("organisation")
    .execute();
  if (joined.length === 0) return [];
  // Read anew: what the user is was perhaps changed while this waited.
  const owned = await trx
    .selectFrom("organisation_members")
    .select("organisation_id")
    .where("user_id", "=", userId)
    .where("role", "=", "owner")
    .execute();
  const held = new Set(joined.map(({ id }) => id));
  const alone: string[] = [];
  for (const { organisation_id } of owned) {
    if (held.has(organisation_id) && !(await hasOwner(trx, { organisation_id, except: userId }))) {
      alone.push(organisation_id);
    }
  }
  return alone;
}

/** Whether an organisation has an owner whose account is not going to be deleted. Lock the organisation before. */
export async function hasOwner(
  trx: DatabaseTransaction,
  { organisation_id, except = null }: { readonly organisation_id: string; readonly except?: string | null },
): Promise<boolean> {
  let query = trx
    .selectFrom("organisation_members as member")
    .innerJoin("users as account", "account.id", "member.user_id")
    .select("member.user_id")
    .where("member.organisation_id", "=", organisation_id)
    .where("member.role", "=", "owner")
    .where("account.erase_after", "is", null)
    .where("account.erased_at", "is", null);
  if (except !== null) query = query.where("member.user_id", "<>", except);
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}
