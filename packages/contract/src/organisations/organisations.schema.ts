import { z } from "zod";
import { email } from "../auth/auth.schema.ts";
import { oneTimeToken } from "../auth/email-addresses.schema.ts";
import { lineOfText } from "../common/characters.ts";
import { nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { plan } from "../users/plan.ts";
import { organisationRole } from "./permission.ts";

/** A user is an owner of at most this many organisations. */
export const organisationsMax = 10;
/** An organisation has at most this many members. */
export const membersMax = 1_000;
/** An organisation has at most this many invitations that wait. */
export const invitationsMax = 50;
/** How long an invitation can be accepted. */
export const invitationDays = 7;

const organisationName = lineOfText(100).describe("What its members know it by");

const organisationFields = {
  id: z.uuid().describe("Send it as `Obsqra-Owner` to act for the organisation"),
  name: z.string(),
  role: organisationRole.describe("What you are in it"),
  created_at: timestamp,
  deletion_scheduled_for: timestamp
    .nullable()
    .describe("When the organisation will be erased, if an owner has asked for that"),
};

const myOrganisation = z.object(organisationFields).meta({ id: "MyOrganisation" });
export type MyOrganisation = z.output<typeof myOrganisation>;

export const organisation = z.object({ ...organisationFields, plan }).meta({ id: "Organisation" });
export type Organisation = z.output<typeof organisation>;

export const listOrganisationsInput = z
  .object(timePageFields)
  .meta({ id: "ListOrganisationsInput" })
  .prefault({});
export type ListOrganisationsInput = z.output<typeof listOrganisationsInput>;

export const organisations = z
  .object({ items: z.array(myOrganisation), next_cursor: nextCursor })
  .meta({ id: "Organisations" });
export type Organisations = z.output<typeof organisations>;

export const createOrganisationInput = z
  .object({ name: organisationName })
  .meta({ id: "CreateOrganisationInput", examples: [{ name: "Analytical Engines" }] });
export type CreateOrganisationInput = z.output<typeof createOrganisationInput>;

export const renameOrganisationInput = z
  .object({ name: organisationName })
  .meta({ id: "RenameOrganisationInput", examples: [{ name: "Difference Engines" }] });
export type RenameOrganisationInput = z.output<typeof renameOrganisationInput>;

export const member = z
  .object({
    user_id: z.uuid(),
    full_name: z.string(),
    email: z.string(),
    role: organisationRole,
    joined_at: timestamp,
  })
  .meta({ id: "Member" });
export type Member = z.output<typeof member>;

export const listMembersInput = z.object(timePageFields).meta({ id: "ListMembersInput" }).prefault({});
export type ListMembersInput = z.output<typeof listMembersInput>;

export const members = z.object({ items: z.array(member), next_cursor: nextCursor }).meta({ id: "Members" });
export type Members = z.output<typeof members>;

const memberId = objectReference("member", z.uuid());

export const changeRoleInput = z
  .object({ user_id: memberId, role: organisationRole })
  .meta({ id: "ChangeRoleInput" });
export type ChangeRoleInput = z.output<typeof changeRoleInput>;

export const removeMemberInput = z.object({ user_id: memberId }).meta({ id: "RemoveMemberInput" });
export type RemoveMemberInput = z.output<typeof removeMemberInput>;

export const transferOrganisationInput = z
  .object({ user_id: memberId })
  .meta({ id: "TransferOrganisationInput" });
export type TransferOrganisationInput = z.output<typeof transferOrganisationInput>;

export const invitation = z
  .object({
    id: z.uuid(),
    email: z
      .string()
      .nullable()
      .describe("Whom it was sent to; null where the server no longer has the secret that sealed it"),
    role: organisationRole,
    invited_by: z.uuid().nullable().describe("The member who did; null where the account is gone"),
    created_at: timestamp,
    expires_at: timestamp,
  })
  .meta({ id: "Invitation" });
export type Invitation = z.output<typeof invitation>;

export const inviteInput = z
  .object({ email, role: organisationRole })
  .meta({ id: "InviteInput", examples: [{ email: "charles@example.org", role: "analyst" }] });
export type InviteInput = z.output<typeof inviteInput>;

export const listInvitationsInput = z
  .object(timePageFields)
  .meta({ id: "ListInvitationsInput" })
  .prefault({});
export type ListInvitationsInput = z.output<typeof listInvitationsInput>;

export const invitations = z
  .object({ items: z.array(invitation), next_cursor: nextCursor })
  .meta({ id: "Invitations" });
export type Invitations = z.output<typeof invitations>;

export const revokeInvitationInput = z
  .object({ invitation_id: objectReference("invitation", z.uuid()) })
  .meta({ id: "RevokeInvitationInput" });
export type RevokeInvitationInput = z.output<typeof revokeInvitationInput>;

export const acceptInvitationInput = z.object({ token: oneTimeToken }).meta({ id: "AcceptInvitationInput" });
export type AcceptInvitationInput = z.output<typeof acceptInvitationInput>;
