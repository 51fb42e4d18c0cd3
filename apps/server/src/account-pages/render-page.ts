/** A page of the server. */
export interface Page {
  readonly title: string;
  readonly body: string;
}

/** Writes a page. Paths are relative, so that it also works where a proxy serves the API below a path. */
export function renderPage({ title, body }: Page): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Obsqra</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="account-page.css">
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}
