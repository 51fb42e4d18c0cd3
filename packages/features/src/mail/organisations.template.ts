import type { Email } from "./email.ts";
import type { EmailContent, LinkTo } from "./email-content.ts";
import { formatTime } from "./format-time.ts";
import { endOfNotices } from "./security.template.ts";

type Of<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

// The name stands among the facts, on one line: whoever chose it could write to strangers through it.
export function organisationInvitation(
  { token, organisation, role }: Of<"organisation_invitation">,
  linkTo: LinkTo,
): EmailContent {
  return {
    subject: "You are invited to an organisation",
    paragraphs: [
      "Somebody invites you to an organisation on Obsqra. Sign in, or register, with this address, and accept within 7 days.",
    ],
    facts: [
      ["Organisation, as it calls itself", organisation],
      ["You would be", role],
    ],
    action: { label: "See the invitation", url: linkTo("accept-invitation", token) },
    otherwise: "If it was not you, but somebody else who was meant, do nothing: without you nothing happens.",
  };
}

// Neither the name of a key nor the URL of a webhook is repeated: whoever made it chose it.
export function organisationNotice({
  at,
  organisation,
  what,
  ...notice
}: Of<"organisation_notice">): EmailContent {
  const made = {
    api_key: { subject: "An API key was made for your organisation", does: "an API key, which acts for it" },
    webhook: {
      subject: "A webhook was made for your organisation",
      does: "a webhook: what happens in it is sent to a URL",
    },
  }[what];
  return {
    subject: made.subject,
    paragraphs: [
      `Somebody who acts for an organisation of yours made ${made.does}. It goes on when its maker is no longer a member.`,
      ...endOfNotices(notice),
    ],
    facts: [
      ["Time", formatTime(at)],
      ["Organisation", organisation],
    ],
    otherwise: "If it was not you, read the log of the organisation: it says who. You can end it there.",
  };
}

export function organisationDeletionScheduled({
  organisation,
  erase_after,
}: Of<"organisation_deletion_scheduled">): EmailContent {
  return {
    subject: "An organisation of yours will be deleted",
    paragraphs: [
      "An owner has asked for an organisation of yours to be deleted. Its API keys no longer work. Until then every owner can cancel.",
    ],
    facts: [
      ["Organisation", organisation],
      ["It is erased after", formatTime(erase_after)],
    ],
    otherwise:
      "If it was not you, ask the other owners, or sign in and cancel. Then read the log of the organisation.",
  };
}
