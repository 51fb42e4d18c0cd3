import type { ErrorCode, Problem } from "@obsqra/contract";
import { errorCatalogue, listEndpoints, problemStatus, problemType } from "@obsqra/contract";
import fastify from "fastify";
import { describe, expect, it } from "vitest";
import type { ZodType } from "zod";
import { registerDocs, registerProblemHandlers } from "../index.ts";

async function createApp() {
  const app = fastify();
  registerProblemHandlers(app);
  // Stands for helmet, which forbids what Swagger UI needs.
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("content-security-policy", "default-src 'none'");
  });
  await registerDocs(app);
  return app;
}

describe("the documentation", () => {
  it("serves the interactive pages without loading anything from elsewhere", async () => {
    const app = await createApp();
    for (const url of ["/docs", "/docs/"]) {
      const page = await app.inject({ url });
      expect([url, page.statusCode]).toEqual([url, 200]);
      expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
      expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
    }
    for (const file of ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"]) {
      expect((await app.inject({ url: `/docs/static/${file}` })).statusCode).toBe(200);
    }
    const shown = await app.inject({ url: "/docs/json" });
    expect(shown.json()).toEqual((await app.inject({ url: "/openapi.json" })).json());
  });

  it("sends 304 to whoever has the document already", async () => {
    const app = await createApp();
    const { headers } = await app.inject({ url: "/openapi.json" });
    const again = await app.inject({
      url: "/openapi.json",
      headers: { "if-none-match": String(headers.etag) },
    });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
  });

  it("has every call and every error in one plain text, and an index of it", async () => {
    const app = await createApp();
    const index = await app.inject({ url: "/llms.txt" });
    const all = await app.inject({ url: "/llms-full.txt" });
    expect([index.statusCode, index.headers["content-type"]]).toEqual([200, "text/plain; charset=utf-8"]);
    for (const { path } of listEndpoints()) {
      expect(index.body).toContain(`(\`${path}\` in the client)`);
      expect(all.body).toContain(`(\`${path}\` in the client)`);
    }
    for (const code of Object.keys(errorCatalogue)) expect(all.body).toContain(`- ${code} (`);
    const links = Array.from(index.body.matchAll(/\]\((.*?)\)/g), ([, url = ""]) => url);
    for (const url of links) expect([url, (await app.inject({ url })).statusCode]).toEqual([url, 200]);
  });

  it("explains every error where its type points, with an example of it", async () => {
    const app = await createApp();
    const index = await app.inject({ url: "/errors" });
    for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
      const page = await app.inject({ url: problemType(code) });
      expect([code, page.statusCode, page.headers["content-type"]]).toEqual([
        code,
        200,
        "text/html; charset=utf-8",
      ]);
      expect(page.body).toContain(`<title>${code}: `);
      const [, example = ""] = /<pre><code>[^{]*([^<]*)<\/code>/.exec(page.body) ?? [];
      const problem = JSON.parse(example.replaceAll("&quot;", '"').replaceAll("&lt;", "<")) as Problem;
      expect(problem).toMatchObject({ type: problemType(code), status: problemStatus(code), code });
      const { details } = errorCatalogue[code] as { readonly details: ZodType };
      expect([code, details.safeParse(problem.details).error]).toEqual([code, undefined]);
      expect(index.body).toContain(`href="${problemType(code)}"`);
    }
    expect((await app.inject({ url: "/errors/NO_SUCH_CODE" })).statusCode).toBe(404);
  });

  it("lets the pages of errors use their own style and nothing else", async () => {
    const app = await createApp();
    for (const url of ["/errors", problemType("RATE_LIMITED")]) {
      const page = await app.inject({ url });
      expect(page.headers["content-security-policy"]).toMatch(
        /default-src 'none'; .*style-src 'sha256-[^']+'$/,
      );
      expect(page.body).not.toMatch(/<script|style="|https?:\/\//);
    }
  });
});
