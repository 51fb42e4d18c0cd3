import type {
  CreateOrganisationInput,
  ListOrganisationsInput,
  MyOrganisation,
  Organisation,
  Organisations,
  RenameOrganisationInput,
} from "@obsqra/contract";
import { defaultPreferences, organisationsMax } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import type { SessionActor } from "@obsqra/platform";
import { AppError, defineCommand, idKey, readCursor, toPage } from "@obsqra/platform";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { ownerEvent, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { lockOwnAccount } from "../own-account.ts";
import { lockActingMember } from "./acting-member.ts";
import {
  countOwned,
  findOrganisation,
  hasOwner,
  insertOrganisation,
  listOrganisations,
  lockSolelyOwned,
  type MyOrganisationRow,
  type OrganisationRow,
  updateName,
} from "./organisations.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/**
 * The organisations that the user is a member of.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getOrganisations(
  deps: Pick<SignedIn, "db" | "actor">,
  input: ListOrganisationsInput,
): Promise<Organisations> {
  const { user_id } = deps.actor;
  const view = { list: "organisations", owner_id: user_id, input };
  const rows = await listOrganisations(deps.db, {
    user_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.member_id]);
  return { items: page.items.map(toMyOrganisation), next_cursor: page.next_cursor };
}

/**
 * The organisation that the call is for.
 *
 * @throws AppError ORGANISATION_NOT_FOUND when it has gone meanwhile
 */
export async function getOrganisation({ db, actor }: Pick<SignedIn, "db" | "actor">): Promise<Organisation> {
  const row = await findOrganisation(db, actor.owner_id);
  if (row === undefined || actor.role === undefined) throw new AppError("ORGANISATION_NOT_FOUND", undefined);
  return toOrganisation(row, actor.role);
}

/**
 * Makes an organisation, with the user as its owner.
 *
 * @throws AppError ORGANISATION_LIMIT_REACHED; LAST_OWNER when the user's account is going to be deleted
 */
export const createOrganisation = defineCommand({
  plan: async (deps: SignedIn, { name }: CreateOrganisationInput) => {
    const { actor } = deps;
    const now = deps.clock();
    const id = deps.createId();
    const organisation = {
      id,
      is_organisation: true,
      // Unique, as the column wants it, and no address, so that nobody signs in with it.
      email: `organisation ${id}`,
      email_verified_at: null,
      full_name: name,
      wallet_address: null,
      preferences: JSON.stringify(defaultPreferences),
      created_at: now,
      updated_at: now,
    };
    const owner = {
      id: deps.createId(),
      organisation_id: id,
      user_id: actor.user_id,
      role: "owner" as const,
      joined_at: now,
    };
    const acting = { ...actor, owner_id: id, role: owner.role };
    const event = prepareEvent(deps, ownerEvent(acting, { type: "organisation_created" }));
    return { actor, now, rows: { organisation, owner }, event };
  },
  write: async (trx, { actor, now, rows, event }) => {
    await lockOwnAccount(trx, actor, now);
    await assertMayOwnMore(trx, actor.user_id);
    const row = await insertOrganisation(trx, rows);
    if (!(await hasOwner(trx, { organisation_id: row.id }))) throw new AppError("LAST_OWNER", undefined);
    await insertAuditEvent(trx, event);
    return toOrganisation(row, "owner");
  },
});

/** Gives the organisation another name. One that is the same changes nothing. */
export const renameOrganisation = defineCommand({
  plan: async (deps: SignedIn, { name }: RenameOrganisationInput) => ({
    actor: deps.actor,
    change: { id: deps.actor.owner_id, name, now: deps.clock() },
    // Not what the name was or is: an event can only be erased together with the organisation.
    event: prepareEvent(deps, ownerEvent(deps.actor, { type: "organisation_renamed" })),
  }),
  write: async (trx, { actor, change, event }) => {
    const { organisation, role } = await lockActingMember(trx, actor, change.now);
    if (organisation.full_name === change.name) return toOrganisation(organisation, role);
    await updateName(trx, change);
    await insertAuditEvent(trx, event);
    return toOrganisation({ ...organisation, full_name: change.name }, role);
  },
});

/**
 * Nobody owns any number of organisations, each of which has its own limits.
 *
 * @throws AppError ORGANISATION_LIMIT_REACHED
 */
export async function assertMayOwnMore(trx: DatabaseTransaction, userId: string): Promise<void> {
  const owned = await countOwned(trx, { user_id: userId, max: organisationsMax });
  if (owned >= organisationsMax)
    throw new AppError("ORGANISATION_LIMIT_REACHED", { limit: organisationsMax });
}

/**
 * An account that is going to be deleted leaves no organisation without an owner. Lock the account before.
 *
 * @throws AppError LAST_OWNER
 */
export async function assertOwnsNothingAlone(trx: DatabaseTransaction, userId: string): Promise<void> {
  if ((await lockSolelyOwned(trx, userId)).length > 0) throw new AppError("LAST_OWNER", undefined);
}

/** An organisation as a member of it sees it. */
export function toOrganisation(row: OrganisationRow, role: Organisation["role"]): Organisation {
  return { ...toMyOrganisation({ ...row, role }), plan: row.plan };
}

function toMyOrganisation(row: Omit<MyOrganisationRow, "member_id">): MyOrganisation {
  return {
    id: row.id,
    name: row.full_name,
    role: row.role,
    created_at: row.created_at.toISOString(),
    deletion_scheduled_for: row.erase_after?.toISOString() ?? null,
  };
}
