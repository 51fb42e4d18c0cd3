import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { accountPages } from "./account-pages.ts";
import { pageHeaders } from "./page-headers.ts";
import { renderAccountPage } from "./render-account-page.ts";

/**
 * Serves the pages that emailed links open, for deployments without a frontend that has them: static HTML, one script and
 * one style sheet. The token stands in the fragment and does not reach this server before the person presses the button.
 */
export async function registerAccountPages(app: FastifyInstance): Promise<void> {
  const serve = (name: string, type: string, text: string) =>
    app.get(`/account/${name}`, (_request, reply) => reply.headers(pageHeaders()).type(type).send(text));

  for (const page of accountPages) serve(page.name, "text/html; charset=utf-8", renderAccountPage(page));
  const script = await readFile(new URL("./account-page.js", import.meta.url), "utf8");
  serve("account-page.js", "text/javascript; charset=utf-8", script);
  const style = await readFile(new URL("./account-page.css", import.meta.url), "utf8");
  serve("account-page.css", "text/css; charset=utf-8", style);
}
