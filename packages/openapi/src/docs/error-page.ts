import { createHash } from "node:crypto";
import type { ErrorDescription } from "../document/error-descriptions.ts";
import { describeErrors } from "../document/error-descriptions.ts";

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid; padding: 0.5rem 0; }
section:target { outline: 3px solid Highlight; outline-offset: 0.5rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
dt { font-weight: 600; }
`;

const styleHash = createHash("sha256").update(style).digest("base64");

/** What the page may load: its own style and nothing else. */
export const errorPagePolicy = `default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-${styleHash}'`;

/** The page that the `type` of every error points at: one section per code, with the code as its anchor. */
export function renderErrorPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors of the Obsqra API</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Errors of the Obsqra API</h1>
<p>Decide on the code, never on the text. The endpoints are listed in the <a href="/docs">API documentation</a>.</p>
</header>
<main>
${describeErrors().map(renderError).join("\n")}
</main>
</body>
</html>
`;
}

function renderError({ code, title, status, message, fields, answeredBy }: ErrorDescription): string {
  const details = fields.map(
    ({ name, type }) => `<li><code>${escapeHtml(name)}</code>: ${escapeHtml(type)}</li>`,
  );
  return `<section id="${code}" aria-labelledby="${code}-title">
<h2 id="${code}-title"><a href="#${code}"><code>${code}</code></a> ${escapeHtml(title)}</h2>
<p>${escapeHtml(message)}</p>
<dl>
<dt>HTTP status</dt><dd>${status}</dd>
${details.length === 0 ? "" : `<dt>Details</dt><dd><ul>${details.join("")}</ul></dd>\n`}<dt>Answered by</dt><dd>${answeredBy.map(escapeHtml).join(", ")}</dd>
</dl>
</section>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
