import type { Email } from "./email.ts";
import type { EmailContent, LinkTo } from "./email-content.ts";

type Of<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

// Anybody can enter any address, so mail to an address that nobody has confirmed repeats nothing that a stranger wrote.

export function emailVerification({ token }: Of<"email_verification">, linkTo: LinkTo): EmailContent {
  return {
    subject: "Confirm your address",
    paragraphs: ["An Obsqra account was opened with this address. Confirm that it is yours."],
    action: { label: "Confirm address", url: linkTo("verify-email", token) },
    otherwise:
      "If it was not you, do nothing: the address stays unconfirmed. Somebody probably mistyped their own.",
  };
}

export function emailInUse(): EmailContent {
  return {
    subject: "You already have an account",
    paragraphs: [
      "Somebody entered this address, to open an Obsqra account or to move one to it. There is an account with this address already, so nothing was opened or changed.",
      "If it was you, sign in with this address. If you have forgotten the password, ask for a new one where you sign in.",
    ],
    otherwise:
      "If it was not you, there is nothing to do: whoever it was has learnt nothing about your account.",
  };
}

export function emailChangeNew({ token }: Of<"email_change_new">, linkTo: LinkTo): EmailContent {
  return {
    subject: "Confirm your new address",
    paragraphs: ["The owner of an Obsqra account wants to use this address from now on."],
    action: { label: "Confirm new address", url: linkTo("confirm-email-change", token) },
    otherwise: "If it was not you, do nothing: the account keeps its old address.",
  };
}

export function emailChangeOld({ token, new_email }: Of<"email_change_old">, linkTo: LinkTo): EmailContent {
  return {
    subject: "Confirm the change of your address",
    paragraphs: [
      "Your Obsqra account is to move to another address. It does so once both addresses have confirmed it.",
    ],
    facts: [["New address", new_email]],
    action: { label: "Confirm the change", url: linkTo("confirm-email-change", token) },
    otherwise:
      "If it was not you, do not confirm, and change your password at once: somebody is signed in to your account.",
  };
}

export function emailChangeNotice({ new_email }: Of<"email_change_notice">): EmailContent {
  return {
    subject: "The address of your account changes",
    paragraphs: [
      "Your Obsqra account moves to another address as soon as that one is confirmed. This address, which was never confirmed, does not have to agree.",
    ],
    facts: [["New address", new_email]],
    otherwise: "If it was not you, change your password at once: somebody is signed in to your account.",
  };
}

export function emailChanged({ new_email }: Of<"email_changed">): EmailContent {
  return {
    subject: "The address of your account has changed",
    paragraphs: ["Your Obsqra account has moved to another address. Mail about it goes there from now on."],
    facts: [["New address", new_email]],
    otherwise:
      "If it was not you, tell the operator of the service at once: somebody has taken your account.",
  };
}
