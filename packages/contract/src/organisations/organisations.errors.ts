import { z } from "zod";
import { defineError } from "../errors/define-error.ts";
import { organisationRole, permission } from "./permission.ts";

export const organisationsErrors = {
  ORGANISATION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such organisation",
    details: z.undefined(),
    message: () => "You are no member of an organisation with this id.",
    cause:
      "Obsqra-Owner names neither you nor an organisation that you are a member of: there may be none with this id, or you are a member no more. An API key acts for its own owner only.",
    remedy: "Read the ids from GET /api/v1/organisations. Leave the header out with an API key.",
  }),
  ORGANISATION_REQUIRED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Only for organisations",
    details: z.undefined(),
    message: () => "Say for which organisation: send its id as `Obsqra-Owner`.",
    cause: "The operation concerns an organisation, and the request was for the account of whoever sent it.",
    remedy: "Send the id of one of your organisations, from GET /api/v1/organisations, as `Obsqra-Owner`.",
  }),
  ACCOUNT_ONLY: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Not for organisations",
    details: z.undefined(),
    message: () => "This concerns your own account. Leave `Obsqra-Owner` out.",
    cause:
      "The operation concerns the account of whoever calls, and the request was for an organisation, by its Obsqra-Owner or its API key.",
    remedy: "Leave the header out, or sign in yourself.",
  }),
  ROLE_INSUFFICIENT: defineError({
    trpcCode: "FORBIDDEN",
    title: "Not with your role",
    details: z.object({ role: organisationRole, permission }),
    message: ({ role, permission: wanted }) => `As ${role} of the organisation you have no ${wanted}.`,
    cause: "You are a member of the organisation, and your role does not have what this takes.",
    remedy: "Ask an owner or admin of the organisation to do it, or for another role.",
    exampleDetails: { role: "viewer", permission: "transactions:write" },
  }),
  ORGANISATION_LIMIT_REACHED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Owner of too many organisations",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `Nobody can own more than ${limit} organisations.`,
    cause: "Who would be an owner owns as many organisations as one user may.",
    remedy: "Leave one, transfer it or delete it before.",
    exampleDetails: { limit: 10 },
  }),
  MEMBER_LIMIT_REACHED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Too many members",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `The organisation has ${limit} members, which is the most.`,
    cause: "The organisation has as many members as one may have.",
    remedy: "Have a member removed, and accept again while the invitation lasts.",
    exampleDetails: { limit: 1000 },
  }),
  MEMBER_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such member",
    details: z.undefined(),
    message: () => "The organisation has no member with this id.",
    cause: "Nobody with this id is a member of the organisation.",
    remedy: "Read the ids from GET /api/v1/organisation/members.",
  }),
  LAST_OWNER: defineError({
    trpcCode: "CONFLICT",
    title: "Last owner",
    details: z.undefined(),
    message: () => "An organisation has an owner. Make somebody else one first, or delete the organisation.",
    cause: "Without this owner, or this account, an organisation would have none left.",
    remedy:
      "Give another member the role owner with PUT /api/v1/organisation/members/{user_id}, or delete it. Before you make one, cancel the deletion of your own account.",
  }),
  INVITATION_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Invitation not valid",
    details: z.undefined(),
    message: () =>
      "The invitation is unknown, used, expired, taken back, or for another address than yours. Ask for a new one.",
    cause:
      "No invitation that waits has this token, or it was sent to another address than that of the account that is signed in.",
    remedy: "Sign in with the address that the link was sent to, or ask for an invitation to yours.",
  }),
  INVITATION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such invitation",
    details: z.undefined(),
    message: () => "The organisation has no invitation with this id that waits.",
    cause: "It was accepted, taken back or replaced, has expired, or never was.",
    remedy: "Read the ids from GET /api/v1/organisation/invitations.",
  }),
  INVITATION_LIMIT_REACHED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Too many invitations",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `${limit} invitations wait already, which is the most.`,
    cause: "As many invitations as an organisation may have are not accepted yet.",
    remedy: "Take some back, or wait until they are accepted or expire.",
    exampleDetails: { limit: 50 },
  }),
} as const;
