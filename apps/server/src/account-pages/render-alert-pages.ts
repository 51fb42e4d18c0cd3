import { renderPage } from "./render-page.ts";

/** Writes the page that asks whether alerts are to end. Its form sends the address that it is at; nothing runs on it. */
export function renderUnsubscribePage(): string {
  return renderPage({
    title: "Switch these mails off",
    body: `<p>Alerts by email about your holdings end. Mail about the security of your account still comes.</p>
<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<button type="submit">Switch them off</button>
</form>
<p><a href="preferences">Choose what you are told</a></p>`,
  });
}

/** Writes what is said once alerts have ended. */
export function renderUnsubscribedPage(): string {
  return renderPage({
    title: "These mails are switched off",
    body: `<p role="status">You get no more alerts by email. Mail about the security of your account still comes.</p>
<p><a href="preferences">Choose what you are told</a></p>`,
  });
}

/** Writes what is said of an address that is not one of a mail. */
export function renderUnknownUnsubscriptionPage(): string {
  return renderPage({
    title: "This link is not known",
    body: `<p role="status">Nothing was changed: the link is not complete, or too old. Open it from the mail again, or choose what you are told.</p>
<p><a href="preferences">Choose what you are told</a></p>`,
  });
}
