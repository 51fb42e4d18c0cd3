import type { OrganisationRole } from "@obsqra/client";

const ofAdmins: readonly OrganisationRole[] = ["admin", "analyst", "viewer"];

/** The roles that members of a role give, and take; the service decides. */
export function rolesGivenBy(role: OrganisationRole): readonly OrganisationRole[] {
  if (role === "owner") return ["owner", ...ofAdmins];
  return role === "admin" ? ofAdmins : [];
}
