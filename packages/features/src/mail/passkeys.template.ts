import type { Email } from "./email.ts";
import type { EmailContent } from "./email-content.ts";
import { formatTime } from "./format-time.ts";

type Of<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

export function passkeyAdded({ at }: Of<"passkey_added">): EmailContent {
  return {
    subject: "A passkey was added",
    paragraphs: ["From now on, a new passkey signs in to your Obsqra account, without the password."],
    facts: [["Time", formatTime(at)]],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions and removes all passkeys. Then read your audit log.",
  };
}

export function passkeyRemoved({ at }: Of<"passkey_removed">): EmailContent {
  return {
    subject: "A passkey was removed",
    paragraphs: ["A passkey no longer signs in to your Obsqra account. Its device may still offer it."],
    facts: [["Time", formatTime(at)]],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions. Then read your audit log.",
  };
}
