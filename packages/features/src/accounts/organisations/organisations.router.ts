import { contract } from "@obsqra/contract";
import { mutation, query, router } from "../../trpc.ts";
import { acceptInvitation, getInvitations, invite, revokeInvitation } from "./invitations.service.ts";
import {
  changeRole,
  getMembers,
  leaveOrganisation,
  removeMember,
  transferOrganisation,
} from "./members.service.ts";
import { cancelOrganisationDeletion, scheduleOrganisationDeletion } from "./organisation-deletion.service.ts";
import {
  createOrganisation,
  getOrganisation,
  getOrganisations,
  renameOrganisation,
} from "./organisations.service.ts";

const { organisations } = contract;

export const organisationsRouter = router({
  list: query(organisations.list, getOrganisations),
  create: mutation(organisations.create, createOrganisation),
  accept_invitation: mutation(organisations.accept_invitation, acceptInvitation),
  get: query(organisations.get, getOrganisation),
  rename: mutation(organisations.rename, renameOrganisation),
  members: query(organisations.members, getMembers),
  change_role: mutation(organisations.change_role, changeRole),
  remove_member: mutation(organisations.remove_member, removeMember),
  leave: mutation(organisations.leave, leaveOrganisation),
  transfer: mutation(organisations.transfer, transferOrganisation),
  invitations: query(organisations.invitations, getInvitations),
  invite: mutation(organisations.invite, invite),
  revoke_invitation: mutation(organisations.revoke_invitation, revokeInvitation),
  schedule_deletion: mutation(organisations.schedule_deletion, scheduleOrganisationDeletion),
  cancel_deletion: mutation(organisations.cancel_deletion, cancelOrganisationDeletion),
});
