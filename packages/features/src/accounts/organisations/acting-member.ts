import { mayDo, type OrganisationRole } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { type Actor, AppError, type SessionActor } from "@obsqra/platform";
import { lockOwnAccount } from "../own-account.ts";
import { findMember } from "./members.queries.ts";
import { lockOrganisation, type OrganisationRow } from "./organisations.queries.ts";

/** An organisation that is held, and what whoever acts is in it by now. */
export interface LockedOrganisation {
  readonly organisation: OrganisationRow;
  readonly role: OrganisationRole;
}

/**
 * Locks the organisation that a member acts for, for what outlives the membership: the member may have been removed, or have got another
 * role, while this waited. Lock the member's own account before.
 *
 * @throws AppError ORGANISATION_NOT_FOUND, ROLE_INSUFFICIENT
 */
export async function lockMembership(
  trx: DatabaseTransaction,
  { owner_id, user_id, permission }: Pick<Actor, "owner_id" | "user_id" | "permission">,
): Promise<LockedOrganisation> {
  const organisation = await lockOrganisation(trx, owner_id);
  const member = await findMember(trx, { organisation_id: owner_id, user_id });
  if (organisation === undefined || member === undefined) {
    throw new AppError("ORGANISATION_NOT_FOUND", undefined);
  }
  const { role } = member;
  if (permission !== undefined && !mayDo(role, permission)) {
    throw new AppError("ROLE_INSUFFICIENT", { role, permission });
  }
  return { organisation, role };
}

/**
 * The same, with the account of the member and the session that asks.
 *
 * @throws AppError TOKEN_INVALID, ORGANISATION_NOT_FOUND, ROLE_INSUFFICIENT
 */
export async function lockActingMember(
  trx: DatabaseTransaction,
  actor: SessionActor,
  now: Date,
): Promise<LockedOrganisation> {
  await lockOwnAccount(trx, actor, now);
  return lockMembership(trx, actor);
}

/**
 * Only owners decide who is an owner.
 *
 * @throws AppError ROLE_INSUFFICIENT
 */
export function assertMayTouchOwners(role: OrganisationRole, concerned: readonly OrganisationRole[]): void {
  if (role === "owner" || !concerned.includes("owner")) return;
  throw new AppError("ROLE_INSUFFICIENT", { role, permission: "organisation:own" });
}
