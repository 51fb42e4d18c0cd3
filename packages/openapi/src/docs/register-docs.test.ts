import { errorCatalogue } from "@obsqra/contract";
import fastify from "fastify";
import { describe, expect, it } from "vitest";
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

  it("answers 304 to whoever has the document already", async () => {
    const app = await createApp();
    const { headers } = await app.inject({ url: "/openapi.json" });
    const again = await app.inject({
      url: "/openapi.json",
      headers: { "if-none-match": String(headers.etag) },
    });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
  });

  it("explains every error where its type points", async () => {
    const page = await (await createApp()).inject({ url: "/errors" });
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    for (const code of Object.keys(errorCatalogue)) expect(page.body).toContain(`<section id="${code}"`);
    expect(page.body).toContain("There is no protocol called {protocols}.");
  });

  it("lets the page of errors use its own style and nothing else", async () => {
    const page = await (await createApp()).inject({ url: "/errors" });
    expect(page.headers["content-security-policy"]).toMatch(
      /default-src 'none'; .*style-src 'sha256-[^']+'$/,
    );
    expect(page.body).not.toMatch(/<script|style="|https?:\/\//);
  });
});
