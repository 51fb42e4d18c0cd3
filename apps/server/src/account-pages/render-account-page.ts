import type { AccountPage } from "./account-pages.ts";
import { renderPage } from "./render-page.ts";

/** Writes the page that a link in a mail leads to. */
export function renderAccountPage(page: AccountPage): string {
  return renderPage({
    title: page.title,
    script: "account-page.js",
    body: `<noscript><p>This page needs JavaScript.</p></noscript>
<p id="missing" hidden>This link is not complete. Open it from the mail again, or copy all of it.</p>
<form hidden method="post" data-endpoint="../api/v1${page.endpoint}" data-done="${page.done}" data-waiting="${page.waiting}">
<p>${page.explanation}</p>
${page.asksForPassword ? passwordField : ""}<button type="submit">${page.button}</button>
</form>
<p id="result" role="status" aria-live="polite" tabindex="-1"></p>`,
  });
}

// Password managers need the type and the name; pasting is nobody's business to forbid (NIST SP 800-63B, 3.1.1.2).
const passwordField = `<label for="new-password">New password</label>
<p id="password-advice">At least 8 characters; 15 or more are better, such as a few words that nobody else would put together.</p>
<input id="new-password" name="new-password" type="password" required minlength="8" maxlength="256" autocomplete="new-password" autocapitalize="none" spellcheck="false" aria-describedby="password-advice">
<button id="show-password" type="button" aria-pressed="false" aria-controls="new-password">Show password</button>
`;
