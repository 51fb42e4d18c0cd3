/** What a mail says, before it has a form. Every string is plain text. */
export interface EmailContent {
  /** Also the heading. */
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Facts about what happened, as pairs of a name and a value. */
  readonly facts?: readonly (readonly [string, string])[];
  /** The one thing to do. */
  readonly action?: { readonly label: string; readonly url: string };
  /** What to do if it was not you. */
  readonly otherwise: string;
}

/** A page of the frontend that an emailed link opens. */
type AccountPage = "verify-email" | "reset-password" | "confirm-email-change";

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
