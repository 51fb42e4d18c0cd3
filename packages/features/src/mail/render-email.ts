import { alertDigest, alerts } from "./alerts.template.ts";
import type { Email } from "./email.ts";
import {
  emailChanged,
  emailChangeNew,
  emailChangeNotice,
  emailChangeOld,
  emailInUse,
  emailVerification,
} from "./email-addresses.template.ts";
import {
  type EmailContent,
  type LinkTo,
  linksInto,
  preferencesUrlOf,
  unsubscribeUrlOf,
} from "./email-content.ts";
import { identityLinked, identityUnlinked } from "./identities.template.ts";
import type { RenderedEmail } from "./mailer.ts";
import {
  organisationDeletionScheduled,
  organisationInvitation,
  organisationNotice,
} from "./organisations.template.ts";
import { passkeyAdded, passkeyRemoved } from "./passkeys.template.ts";
import { renderHtml } from "./render-html.ts";
import { renderText } from "./render-text.ts";
import {
  deviceRemembered,
  recoveryCodesRenewed,
  recoveryCodeUsed,
  secondFactorDisabled,
  secondFactorEnabled,
} from "./second-factor.template.ts";
import {
  apiKeyCreated,
  deletionScheduled,
  newDevice,
  passwordChanged,
  passwordReset,
  walletLinked,
  webhookCreated,
} from "./security.template.ts";

/** Where links in mail lead. */
export interface MailSites {
  readonly appUrl: string;
  readonly publicUrl: string;
}

/** A mail that cannot be written. */
export class EmailNotRenderableError extends Error {
  override readonly name = "EmailNotRenderableError";
}

/**
 * Writes a mail. Pure.
 *
 * @param sites.appUrl origin of the frontend that has the account pages; every link starts with it, but for the one that ends alerts
 * @param sites.publicUrl origin of the server, which ends them itself
 * @throws EmailNotRenderableError when the recipient is not one plain address, or the template is of another version
 */
export function renderEmail(email: Email, { appUrl, publicUrl }: MailSites): RenderedEmail {
  if (!isOneAddress(email.to)) throw new EmailNotRenderableError("The recipient is not one plain address.");
  const unsubscribeUrl =
    "unsubscription" in email ? unsubscribeUrlOf(publicUrl, email.unsubscription) : undefined;
  const content = {
    ...onOneLineEach(toContent(email, linksInto(appUrl))),
    ...(unsubscribeUrl && { choices: { preferencesUrl: preferencesUrlOf(appUrl), unsubscribeUrl } }),
  };
  return {
    to: email.to,
    subject: content.subject,
    text: renderText(content),
    html: renderHtml(content),
    ...(unsubscribeUrl && { unsubscribeUrl }),
  };
}

function toContent(email: Email, linkTo: LinkTo): EmailContent {
  switch (email.template) {
    case "email_verification":
      return emailVerification(email, linkTo);
    case "email_in_use":
      return emailInUse();
    case "email_change_new":
      return emailChangeNew(email, linkTo);
    case "email_change_old":
      return emailChangeOld(email, linkTo);
    case "email_change_notice":
      return emailChangeNotice(email);
    case "email_changed":
      return emailChanged(email);
    case "password_reset":
      return passwordReset(email, linkTo);
    case "password_changed":
      return passwordChanged(email);
    case "api_key_created":
      return apiKeyCreated(email);
    case "wallet_linked":
      return walletLinked(email);
    case "webhook_created":
      return webhookCreated(email);
    case "new_device":
      return newDevice(email);
    case "second_factor_enabled":
      return secondFactorEnabled(email);
    case "second_factor_disabled":
      return secondFactorDisabled(email);
    case "device_remembered":
      return deviceRemembered(email);
    case "passkey_added":
      return passkeyAdded(email);
    case "passkey_removed":
      return passkeyRemoved(email);
    case "identity_linked":
      return identityLinked(email);
    case "identity_unlinked":
      return identityUnlinked(email);
    case "recovery_codes_renewed":
      return recoveryCodesRenewed(email);
    case "recovery_code_used":
      return recoveryCodeUsed(email);
    case "organisation_invitation":
      return organisationInvitation(email, linkTo);
    case "organisation_notice":
      return organisationNotice(email);
    case "organisation_deletion_scheduled":
      return organisationDeletionScheduled(email);
    case "deletion_scheduled":
      return deletionScheduled(email);
    case "alerts":
      return alerts(email);
    case "alert_digest":
      return alertDigest(email);
    default:
      throw new EmailNotRenderableError("This version of the server does not know the template.");
  }
}

/** Nothing that a mail header could take for a list, a display name or a further line. */
function isOneAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{C}@<>()[\]\\,;:"]+@[^\s\p{C}@<>()[\]\\,;:"]+$/u.test(text);
}

/** Facts may come from strangers: they cannot pretend to be further lines, nor turn the direction of writing. */
function onOneLineEach(content: EmailContent): EmailContent {
  const { facts } = content;
  const paragraphs = content.paragraphs.map(withoutControls);
  if (facts === undefined) return { ...content, paragraphs };
  return { ...content, paragraphs, facts: facts.map(([name, value]) => [name, toOneLine(value)] as const) };
}

function withoutControls(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

function toOneLine(text: string): string {
  const line = withoutControls(text);
  return line.length > 254 ? `${line.slice(0, 253)}…` : line;
}
