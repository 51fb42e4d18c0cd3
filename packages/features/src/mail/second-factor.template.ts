import { describeDevice } from "./describe-device.ts";
import type { Email } from "./email.ts";
import type { EmailContent } from "./email-content.ts";
import { formatTime } from "./format-time.ts";

type Of<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

export function secondFactorEnabled({ at }: Of<"second_factor_enabled">): EmailContent {
  return {
    subject: "Your second factor is on",
    paragraphs: [
      "From now on, signing in to your Obsqra account takes a code of your app besides the password. All other sessions have ended.",
      "Keep the recovery codes where the app is not: each lets you in once without it.",
    ],
    facts: [["Time", formatTime(at)]],
    otherwise:
      "If it was not you, somebody knows your password and keeps you out. Tell the operator of the service at once.",
  };
}

export function secondFactorDisabled({ at }: Of<"second_factor_disabled">): EmailContent {
  return {
    subject: "Your second factor is off",
    paragraphs: [
      "From now on, the password alone signs in to your Obsqra account. The recovery codes no longer work.",
    ],
    facts: [["Time", formatTime(at)]],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions. Then turn the second factor on again, and read your audit log.",
  };
}

export function deviceRemembered({ at, ip, user_agent }: Of<"device_remembered">): EmailContent {
  return {
    subject: "A device was remembered",
    paragraphs: [
      "Somebody signed in to your Obsqra account with password and code, and asked to be spared the code on this device for 30 days.",
    ],
    facts: [
      ["Time", formatTime(at)],
      ["IP address", ip ?? "unknown"],
      ["Device", describeDevice(user_agent)],
    ],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions and forgets all devices. Then read your audit log.",
  };
}

export function recoveryCodesRenewed({ at }: Of<"recovery_codes_renewed">): EmailContent {
  return {
    subject: "You have new recovery codes",
    paragraphs: ["Ten new recovery codes were made for your Obsqra account. The old ones no longer work."],
    facts: [["Time", formatTime(at)]],
    otherwise: `If it was not you, ${newPasswordAndCodes}`,
  };
}

export function recoveryCodeUsed({ at, codes_left }: Of<"recovery_code_used">): EmailContent {
  return {
    subject: "A recovery code was used",
    paragraphs: [
      "Somebody gave a recovery code of your Obsqra account in the place of a code of your app.",
      ...(codes_left <= 3 ? ["Few are left. Make new ones in the settings, under Security."] : []),
    ],
    facts: [
      ["Time", formatTime(at)],
      ["Codes left", String(codes_left)],
    ],
    otherwise: `If it was not you, ${newPasswordAndCodes}`,
  };
}

const newPasswordAndCodes =
  "ask for a new password at once, where you sign in: that ends all sessions. Then make new recovery codes, and read your audit log.";
