import type { Email } from "./email.ts";
import type { EmailContent } from "./email-content.ts";
import { formatTime } from "./format-time.ts";

type Of<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

export function identityLinked({ at, provider, email }: Of<"identity_linked">): EmailContent {
  return {
    subject: `${provider} signs in to your account`,
    paragraphs: [
      `From now on, whoever signs in at ${provider} with this identity signs in to your Obsqra account.`,
    ],
    facts: [
      ["Time", formatTime(at)],
      ["Identity", email],
    ],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions and unlinks all identities. Then read your audit log.",
  };
}

export function identityUnlinked({ at, provider, email }: Of<"identity_unlinked">): EmailContent {
  return {
    subject: `${provider} no longer signs in to your account`,
    paragraphs: [`This identity at ${provider} no longer signs in to your Obsqra account.`],
    facts: [
      ["Time", formatTime(at)],
      ["Identity", email],
    ],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions. Then read your audit log.",
  };
}
