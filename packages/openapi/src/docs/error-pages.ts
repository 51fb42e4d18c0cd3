import { problemMediaType, problemType } from "@obsqra/contract";
import type { ErrorDescription } from "../document/error-descriptions.ts";
import { describeErrors } from "../document/error-descriptions.ts";
import { escapeHtml, renderHtmlPage, renderSentence } from "./html-page.ts";

const documentation = `<a href="/docs">API documentation</a>`;

/** The pages that the `type` of every error resolves to, by path, and `/errors`, which lists them. */
export function renderErrorPages(): Map<string, string> {
  const errors = describeErrors();
  return new Map([
    ["/errors", renderIndex(errors)],
    ...errors.map((error) => [problemType(error.code), renderError(error)] as const),
  ]);
}

function renderIndex(errors: readonly ErrorDescription[]): string {
  const title = "Errors of the Obsqra API";
  const sections = errors.map(
    ({ code, title: errorTitle, status, message }) => `<section id="${code}" aria-labelledby="${code}-title">
<h2 id="${code}-title"><a href="${problemType(code)}"><code>${code}</code></a> ${escapeHtml(errorTitle)}</h2>
<p>HTTP ${status}. ${renderSentence(message)}</p>
</section>`,
  );
  const body = `<header>
<h1>${title}</h1>
<p>Decide on the code, never on the text. The endpoints are listed in the ${documentation}.</p>
</header>
<main>
${sections.join("\n")}
</main>`;
  return renderHtmlPage({ title, body });
}

function renderError(error: ErrorDescription): string {
  const { code, title, status, trpcCode, message, cause, remedy, fields, comesFrom, example } = error;
  const details = fields.map(
    ({ name, type }) => `<li><code>${escapeHtml(name)}</code>: ${escapeHtml(type)}</li>`,
  );
  const body = `<header>
<h1><code>${code}</code> ${escapeHtml(title)}</h1>
<p>${renderSentence(message)}</p>
</header>
<main>
<dl>
<dt>When it happens</dt><dd>${renderSentence(cause)}</dd>
<dt>What to do</dt><dd>${renderSentence(remedy)}</dd>
<dt>HTTP status</dt><dd>${status}</dd>
<dt>tRPC code</dt><dd><code>${trpcCode}</code>, with <code>app_code</code> <code>${code}</code></dd>
${details.length === 0 ? "" : `<dt>Details</dt><dd><ul>${details.join("")}</ul></dd>\n`}<dt>Comes from</dt><dd>${comesFrom.map(escapeHtml).join(", ")}</dd>
</dl>
<h2>Example</h2>
<pre><code>HTTP ${status}
content-type: ${problemMediaType}

${escapeHtml(JSON.stringify(example, null, 2))}</code></pre>
</main>
<footer>
<p><a href="/errors">All errors</a>, ${documentation}</p>
</footer>`;
  return renderHtmlPage({ title: `${code}: ${title}`, body });
}
