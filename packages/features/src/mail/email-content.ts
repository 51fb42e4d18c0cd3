/** What a mail says, before it has a form. Every string is plain text. */
export interface EmailContent {
  /** Also the heading. */
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Facts about what happened, as pairs of a name and a value. */
  readonly facts?: readonly (readonly [string, string])[];
  /** The one thing to do. */
  readonly action?: { readonly label: string; readonly url: string };
  /** What to do if it was not you; of an alert, what it is not. */
  readonly otherwise: string;
  /** Of mail that can be ended. @default it is about the security of an account, and cannot */
  readonly choices?: EmailChoices;
}

/** How whoever gets a mail decides about such mails. */
export interface EmailChoices {
  /** Where preferences are changed. */
  readonly preferencesUrl: string;
  /** A page with a button, and for mail programs the address that ends such mails with one request (RFC 8058). */
  readonly unsubscribeUrl: string;
}

/** A page of the frontend that an emailed link opens. */
type AccountPage = "verify-email" | "reset-password" | "confirm-email-change" | "accept-invitation";

/** Where preferences are changed, in a frontend. */
export function preferencesUrlOf(appUrl: string): string {
  return `${appUrl.replace(/\/+$/, "")}/account/preferences`;
}

/**
 * Where mails about alerts are ended. The token is no secret worth hiding, and mail programs ask for the address as it is, so that it
 * stands in the query.
 *
 * @param publicUrl origin of the server, which responds there itself
 */
export function unsubscribeUrlOf(publicUrl: string, token: string): string {
  return `${publicUrl.replace(/\/+$/, "")}/account/unsubscribe?token=${encodeURIComponent(token)}`;
}

/** Makes the link to a page with a token. */
export type LinkTo = (page: AccountPage, token: string) => string;

/**
 * Makes links into one frontend and nowhere else. The token stands in the fragment, which browsers send to nobody: no
 * server, proxy, log or Referer sees it, and a scanner that opens every link uses nothing up.
 *
 * @param appUrl origin of the frontend, with or without a path
 */
export function linksInto(appUrl: string): LinkTo {
  const base = appUrl.replace(/\/+$/, "");
  return (page, token) => `${base}/account/${page}#token=${encodeURIComponent(token)}`;
}
