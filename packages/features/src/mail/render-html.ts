import type { EmailChoices, EmailContent } from "./email-content.ts";
import { alertSignature, linkAdvice, preferencesLabel, signature, unsubscribeLabel } from "./render-text.ts";

// Mail programs drop style sheets, so the few styles stand in the elements. Colours are the reader's own, except the
// link's: white on this blue has a contrast of 6.7 to 1.
const bodyStyle = "margin:0 auto;padding:16px;max-width:36rem;font:16px/1.5 system-ui,sans-serif";
const linkStyle =
  "display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff;font-weight:bold";
const urlStyle = "overflow-wrap:anywhere";

/** The HTML form: readable without images and styles, and nothing in it is loaded from anywhere. */
export function renderHtml({ subject, paragraphs, facts, action, otherwise, choices }: EmailContent): string {
  const body = [
    `<h1>${escapeHtml(subject)}</h1>`,
    ...paragraphs.map(toParagraph),
    ...(facts === undefined ? [] : ["<ul>", ...facts.map(toFact), "</ul>"]),
    ...(action === undefined ? [] : toLink(action)),
    toParagraph(otherwise),
    "<hr>",
    ...(choices === undefined ? [toParagraph(signature)] : toChoices(choices)),
  ];
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="${bodyStyle}">
${body.join("\n")}
</body>
</html>
`;
}

function toChoices({ preferencesUrl, unsubscribeUrl }: EmailChoices): string[] {
  const toChoice = (label: string, url: string) =>
    `<p>${label}:<br><a href="${escapeHtml(url)}" style="${urlStyle}">${escapeHtml(url)}</a></p>`;
  return [
    toChoice(preferencesLabel, preferencesUrl),
    toChoice(unsubscribeLabel, unsubscribeUrl),
    toParagraph(alertSignature),
  ];
}

function toParagraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

function toFact([name, value]: readonly [string, string]): string {
  return `<li><strong>${escapeHtml(name)}:</strong> <bdi>${escapeHtml(value)}</bdi></li>`;
}

/** The address stands there in full, too: whoever distrusts buttons can see where it leads. */
function toLink({ label, url }: NonNullable<EmailContent["action"]>): string[] {
  const address = escapeHtml(url);
  return [
    `<p><a href="${address}" style="${linkStyle}">${escapeHtml(label)}</a></p>`,
    `<p>If the button does nothing, copy this address into the browser:<br><span style="${urlStyle}">${address}</span></p>`,
    toParagraph(linkAdvice),
  ];
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
