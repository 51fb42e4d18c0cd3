import type { OrganisationRole } from "@obsqra/client";

const roles: Readonly<Record<OrganisationRole, string>> = {
  owner: "Owner",
  admin: "Admin",
  analyst: "Analyst",
  viewer: "Viewer",
};

export const organisationTexts = {
  actFor: "Act for",
  yourself: "Yourself",
  roles,
  mine: {
    title: "Your organisations",
    lead: "Holdings, suggestions, webhooks and API keys of an organisation belong to it, whoever leaves.",
    none: "You belong to no organisation.",
    columns: { name: "Name", role: "You are", since: "Made" },
    act: "Act for it",
    acting: "You act for it",
    stop: "Act for yourself",
    deleted: (day: string) => `is erased after ${day}`,
    name: "Name of a new organisation",
    create: "Make it",
  },
  one: {
    rename: "Name",
    save: "Rename",
    leave: "Leave",
    leaveTitle: "Leave this organisation?",
    leaveLead: "You no longer act for it. Somebody has to invite you to come back.",
    delete: "Delete",
    deleteTitle: "Delete this organisation?",
    deleteLead:
      "Its API keys stop working at once. After 14 days it is erased; until then an owner can keep it.",
    keep: "Keep the organisation",
    scheduled: (day: string) => `The organisation is erased after ${day}.`,
  },
  members: {
    title: "Members",
    lead: "Admins manage members, keys and webhooks; analysts log and advise; viewers read.",
    columns: { name: "Name", role: "Role", joined: "Joined" },
    roleOf: (name: string) => `Role of ${name}`,
    remove: "Remove",
    removeTitle: "Remove this member?",
    removeLead: (name: string) =>
      `${name} no longer acts for the organisation. API keys that they made go on.`,
  },
  invitations: {
    title: "Invitations",
    none: "No invitation waits.",
    columns: { email: "Address", role: "As", until: "Until" },
    unknown: "An address that can no longer be read",
    email: "Email to invite",
    role: "Role",
    invite: "Send the invitation",
    sent: (email: string) => `The invitation is on its way to ${email}.`,
    revoke: "Take back",
  },
  accept: {
    title: "An invitation",
    lead: "Become a member of the organisation that has invited you.",
    submit: "Accept",
    signInFirst: "Sign in, or create an account, with the address that the invitation was sent to.",
    done: (name: string) =>
      `You belong to ${name} now. Choose it where you act for somebody, beside your settings.`,
  },
} as const;
