import { renderPage } from "./render-page.ts";

/** Writes the page on which whoever has no frontend chooses what alerts tell. */
export function renderPreferencesPage(): string {
  return renderPage({
    title: "Choose what you are told",
    script: "preferences-page.js",
    body: `<noscript><p>This page needs JavaScript.</p></noscript>
<form id="sign-in" hidden method="post">
<p>Sign in to see and change what is mailed to you.</p>
<label for="email">Email</label>
<input id="email" name="email" type="email" required maxlength="254" autocomplete="username">
<label for="password">Password</label>
<input id="password" name="password" type="password" required maxlength="256" autocomplete="current-password">
<button type="submit">Sign in</button>
</form>
<form id="choices" hidden method="post">
<p><label><input type="checkbox" name="email_alerts_enabled"> Mail me what concerns my holdings</label></p>
<p><label><input type="checkbox" name="email_digest_enabled"> In one mail a day, but for what is urgent</label></p>
<label for="risk_alert_threshold">Risk score above which I am told, 0 to 100</label>
<input id="risk_alert_threshold" name="risk_alert_threshold" type="number" required min="0" max="100" step="1">
<label for="yield_alert_threshold">Forecast APY in percent below which I am told; 0 for never</label>
<input id="yield_alert_threshold" name="yield_alert_threshold" type="number" required min="0" max="100" step="any">
<label for="illiquidity_alert_threshold">Probability in percent that a market becomes illiquid, above which I am told; 100 for never</label>
<input id="illiquidity_alert_threshold" name="illiquidity_alert_threshold" type="number" required min="0" max="100" step="1">
<p>Mail about the security of your account comes in any case.</p>
<button type="submit">Save</button>
</form>
<p id="result" role="status" aria-live="polite" tabindex="-1"></p>`,
  });
}

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
