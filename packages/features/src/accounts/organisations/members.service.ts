import type {
  ChangeRoleInput,
  ListMembersInput,
  Member,
  Members,
  Organisation,
  RemoveMemberInput,
  TransferOrganisationInput,
} from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import type { Emit, SessionActor } from "@obsqra/platform";
import { AppError, defineCommand, idKey, readCursor, toPage } from "@obsqra/platform";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditWriter, auditWriter, type OwnerEvent, ownerEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { assertMayTouchOwners, lockActingMember } from "./acting-member.ts";
import { deleteInvitations } from "./invitations.queries.ts";
import {
  deleteMember,
  findMember,
  listMembers,
  type MemberChoice,
  type MemberRow,
  updateRole,
} from "./members.queries.ts";
import { hasOwner } from "./organisations.queries.ts";
import { assertMayOwnMore, toOrganisation } from "./organisations.service.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** What every change of members uses. */
interface PlannedChange {
  readonly actor: SessionActor;
  readonly member: MemberChoice;
  readonly now: Date;
  readonly audit: AuditWriter;
}

/**
 * The members of the organisation.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getMembers(
  deps: Pick<SignedIn, "db" | "actor">,
  input: ListMembersInput,
): Promise<Members> {
  const { owner_id: organisation_id } = deps.actor;
  const view = { list: "members", owner_id: organisation_id, input };
  const rows = await listMembers(deps.db, {
    organisation_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toMember), next_cursor: page.next_cursor };
}

/**
 * Gives a member another role. One that is the same changes nothing.
 *
 * @throws AppError MEMBER_NOT_FOUND, ROLE_INSUFFICIENT, LAST_OWNER, ORGANISATION_LIMIT_REACHED
 */
export const changeRole = defineCommand({
  plan: async (deps: SignedIn, { user_id, role }: ChangeRoleInput) => ({
    ...planChange(deps, user_id),
    role,
  }),
  write: async (trx, { role, ...plan }, emit) => {
    const { actor, member, now } = plan;
    const acting = await lockActingMember(trx, actor, now);
    const before = existing(await findMember(trx, member));
    assertMayTouchOwners(acting.role, [before.role, role]);
    if (before.role === role) return toMember(before);
    if (role === "owner") await assertMayOwnMore(trx, member.user_id);
    await updateRole(trx, { ...member, role });
    await assertHasOwner(trx, member);
    // What a manager has begun and may no longer do ends with it.
    await deleteInvitations(trx, { ...member, invited_by: member.user_id });
    const details = { of_member: member.user_id, role_before: before.role, role };
    await tell(trx, plan, { type: "member_role_changed", details });
    emit({ type: "member.role_changed", ...subjectOf(member) });
    return toMember({ ...before, role });
  },
});

/**
 * Removes a member, whose calls and streams end at once.
 *
 * @throws AppError MEMBER_NOT_FOUND, ROLE_INSUFFICIENT, LAST_OWNER
 */
export const removeMember = defineCommand({
  plan: async (deps: SignedIn, { user_id }: RemoveMemberInput) => planChange(deps, user_id),
  write: async (trx, plan, emit) => {
    const { actor, member, now } = plan;
    const acting = await lockActingMember(trx, actor, now);
    const before = existing(await findMember(trx, member));
    assertMayTouchOwners(acting.role, [before.role]);
    await endMembership(trx, emit, member);
    await tell(trx, plan, {
      type: "member_removed",
      details: { of_member: member.user_id, role: before.role },
    });
    return undefined;
  },
});

/**
 * Ends the membership of whoever calls.
 *
 * @throws AppError LAST_OWNER
 */
export const leaveOrganisation = defineCommand({
  plan: async (deps: SignedIn) => planChange(deps, deps.actor.user_id),
  write: async (trx, plan, emit) => {
    const { role } = await lockActingMember(trx, plan.actor, plan.now);
    await endMembership(trx, emit, plan.member);
    await tell(trx, plan, { type: "member_left", details: { role } });
    return undefined;
  },
});

/**
 * Makes another member the owner in the place of whoever calls, who is an admin from then on.
 *
 * @throws AppError MEMBER_NOT_FOUND, ORGANISATION_LIMIT_REACHED, LAST_OWNER when the other's account is going to be deleted
 */
export const transferOrganisation = defineCommand({
  plan: async (deps: SignedIn, { user_id }: TransferOrganisationInput) => planChange(deps, user_id),
  write: async (trx, plan, emit): Promise<Organisation> => {
    const { actor, member, now } = plan;
    const { organisation, role } = await lockActingMember(trx, actor, now);
    const before = existing(await findMember(trx, member));
    if (member.user_id === actor.user_id) return toOrganisation(organisation, role);
    if (before.role !== "owner") {
      await assertMayOwnMore(trx, member.user_id);
      await updateRole(trx, { ...member, role: "owner" });
      emit({ type: "member.role_changed", ...subjectOf(member) });
    }
    const own = { ...member, user_id: actor.user_id };
    await updateRole(trx, { ...own, role: "admin" });
    await assertHasOwner(trx, member);
    emit({ type: "member.role_changed", ...subjectOf(own) });
    await tell(trx, plan, { type: "organisation_transferred", details: { to_member: member.user_id } });
    return toOrganisation(organisation, "admin");
  },
});

function planChange(deps: SignedIn, userId: string): PlannedChange {
  const { actor } = deps;
  const member = { organisation_id: actor.owner_id, user_id: userId };
  return { actor, member, now: deps.clock(), audit: auditWriter(deps) };
}

/** @throws AppError LAST_OWNER */
async function endMembership(trx: DatabaseTransaction, emit: Emit, member: MemberChoice): Promise<void> {
  await deleteMember(trx, member);
  await assertHasOwner(trx, member);
  await deleteInvitations(trx, { ...member, invited_by: member.user_id });
  emit({ type: "member.removed", ...subjectOf(member) });
}

/**
 * Undoes what would leave an organisation without an owner who stays.
 *
 * @throws AppError LAST_OWNER
 */
async function assertHasOwner(
  trx: DatabaseTransaction,
  { organisation_id }: Pick<MemberChoice, "organisation_id">,
): Promise<void> {
  if (!(await hasOwner(trx, { organisation_id }))) throw new AppError("LAST_OWNER", undefined);
}

async function tell(
  trx: DatabaseTransaction,
  { actor, audit }: PlannedChange,
  event: OwnerEvent,
): Promise<void> {
  await insertAuditEvent(trx, audit(ownerEvent(actor, event)));
}

function subjectOf({ organisation_id, user_id }: MemberChoice) {
  return { subject: user_id, owner_id: organisation_id, payload: {} };
}

/** @throws AppError MEMBER_NOT_FOUND */
function existing(member: MemberRow | undefined): MemberRow {
  if (member === undefined) throw new AppError("MEMBER_NOT_FOUND", undefined);
  return member;
}

function toMember(row: MemberRow): Member {
  return {
    user_id: row.user_id,
    full_name: row.full_name,
    email: row.email,
    role: row.role,
    joined_at: row.joined_at.toISOString(),
  };
}
