import { z } from "zod";
import { type Scope, scope } from "../auth/scope.ts";
import type { Access } from "../endpoints/endpoint.ts";

/** What a member of an organisation is in it. */
export const organisationRole = z
  .enum(["owner", "admin", "analyst", "viewer"])
  .describe(
    "owner: everything, and who the owners are; admin: members, keys, webhooks and preferences; analyst: transactions and suggestions; viewer: reads",
  )
  .meta({ id: "OrganisationRole" });
export type OrganisationRole = z.output<typeof organisationRole>;

/** What can only be done for an organisation. */
const organisationPermissions = [
  "organisation:read",
  "organisation:write",
  "organisation:own",
  "members:read",
  "members:write",
] as const;

/** What a role may let a member do: the scopes of API keys, what is done with an owner's keys, log and export, and what only organisations have. */
export const permission = z
  .enum([
    ...scope.options,
    "api_keys:read",
    "api_keys:write",
    "audit_log:read",
    "data:export",
    ...organisationPermissions,
  ])
  .meta({ id: "Permission" });
export type Permission = z.output<typeof permission>;

const all = organisationRole.options;
const working = ["owner", "admin", "analyst"] as const;
const managing = ["owner", "admin"] as const;

/** The roles that have each permission: all that decides what a member may do. */
export const rolesByPermission: Readonly<Record<Permission, readonly OrganisationRole[]>> = {
  "users:read": all,
  "users:write": managing,
  "analytics:read": all,
  "predictions:read": all,
  "predictions:write": working,
  "transactions:read": all,
  "transactions:write": working,
  // Operators' rights are a person's.
  "operations:read": [],
  "operations:write": [],
  "events:read": all,
  // An address that is sent to may have a secret of the receiver's in it.
  "webhooks:read": managing,
  "webhooks:write": managing,
  "api_keys:read": managing,
  "api_keys:write": managing,
  "audit_log:read": managing,
  "data:export": ["owner"],
  "organisation:read": all,
  "organisation:write": managing,
  "organisation:own": ["owner"],
  "members:read": all,
  "members:write": managing,
};

/** Whether members of a role may do something. */
export function mayDo(role: OrganisationRole, wanted: Permission): boolean {
  return rolesByPermission[wanted].includes(role);
}

/** The scopes that a role has, as an API key has some. */
export function scopesOfRole(role: OrganisationRole): readonly Scope[] {
  return scope.options.filter((each) => mayDo(role, each));
}

/** Whether something can only be done for an organisation. */
export function isOfOrganisations(wanted: Permission): boolean {
  return organisationPermissions.some((each) => each === wanted);
}

/** What decides about whose data an endpoint is called. */
interface OwnedAccess {
  readonly access: Access;
  readonly closedAccess?: Scope;
  readonly permission?: Permission;
  readonly isPersonal?: boolean;
}

/**
 * What the role of a member has to let them do where an endpoint is called for an organisation: what the endpoint says, or else its scope.
 *
 * @returns undefined where it is about the account of whoever calls, and never for an organisation
 */
export function permissionOf({
  access,
  closedAccess,
  permission: declared,
  isPersonal = false,
}: OwnedAccess): Permission | undefined {
  if (isPersonal) return undefined;
  if (declared !== undefined) return declared;
  const asked = closedAccess ?? access;
  return asked === "public" || asked === "session" || asked === "recent_session" ? undefined : asked;
}
