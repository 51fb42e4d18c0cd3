import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { registerProblemHandlers } from "@obsqra/openapi";
import fastify from "fastify";
import { expect, it } from "vitest";
import { readWebPages } from "./read-web-pages.ts";
import { registerWebPages, sendMissingPage } from "./register-web-pages.ts";

const page = `<!doctype html><script src="./assets/index-1a2b.js"></script><div id=root></div>`;
/** The same, one folder deeper. */
const deeperPage = page.replace("./", "../");

async function createApp(publicRead = true) {
  const folder = await mkdtemp(join(tmpdir(), "obsqra-pages-"));
  try {
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), page);
    await writeFile(join(folder, "index.html.gz"), gzipSync(page));
    await writeFile(join(folder, "assets/index-1a2b.js"), "run()");
    await writeFile(join(folder, "icon.svg"), "<svg/>");
    await writeFile(join(folder, "inputs.sha256"), "secret");
    await writeFile(
      join(folder, "paths.json"),
      JSON.stringify([
        { path: "/", reads: ["trpc/analytics.overview?input=%7B%7D"] },
        { path: "/markets/:marketId", reads: [] },
        { path: "/account/verify-email", reads: [] },
      ]),
    );
    const app = fastify();
    const pages = await readWebPages(folder);
    registerProblemHandlers(app, (request, reply) => sendMissingPage(request, reply, pages));
    registerWebPages(app, pages, { publicRead });
    return app;
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("serves one page at the paths of all pages, from this server only and with nothing inline, and nothing else", async () => {
  const app = await createApp();
  for (const url of ["/", "/markets/simulated%3Aekubo%3Aeth"]) {
    const { statusCode, headers, body } = await app.inject({ url });
    expect([url, statusCode, body]).toEqual([url, 200, url === "/" ? page : deeperPage]);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self';",
    );
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["cache-control"]).toBe("no-cache");
  }
  for (const url of ["/inputs.sha256", "/paths.json", "/index.html", "/assets/../inputs.sha256", "/account"])
    expect([url, (await app.inject({ url })).statusCode]).toEqual([url, 404]);
});

it("tells browsers what a page reads, unless it is read by users only", async () => {
  const linkOf = async (app: Awaited<ReturnType<typeof createApp>>, url: string) =>
    (await app.inject({ url })).headers.link;
  const app = await createApp();
  expect(await linkOf(app, "/")).toBe(
    "<./trpc/analytics.overview?input=%7B%7D>; rel=preload; as=fetch; crossorigin",
  );
  expect(await linkOf(app, "/markets/simulated%3Aekubo%3Aeth")).toBeUndefined();
  expect(await linkOf(await createApp(false), "/")).toBeUndefined();
});

it("has what mailed links open stored, framed and indexed by nobody, and named to nobody", async () => {
  const { statusCode, headers, body } = await (await createApp()).inject({ url: "/account/verify-email" });
  expect([statusCode, body]).toEqual([200, deeperPage]);
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex",
  });
  expect(headers["content-security-policy"]).not.toMatch(/unsafe|https?:|\*/);
});

it("shows browsers the page where there is none, with 404, and programs a problem", async () => {
  const app = await createApp();
  const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
  const missing = await app.inject({ url: "/nonexistent", headers: browser });
  expect([missing.statusCode, missing.body, missing.headers.vary]).toEqual([404, page, "accept"]);
  expect(missing.headers).toMatchObject({ "cache-control": "no-store", "x-request-id": expect.any(String) });
  for (const [method, url, headers] of [
    ["GET", "/nonexistent", { accept: "*/*" }],
    ["GET", "/nonexistent", {}],
    ["POST", "/nonexistent", browser],
    ["GET", "/api/v1/nonexistent", browser],
    ["GET", "/log/nonexistent", browser],
  ] as const) {
    const { statusCode, json } = await app.inject({ method, url, headers });
    expect([url, statusCode, json().code]).toEqual([url, 404, "ROUTE_NOT_FOUND"]);
  }
});

it("serves its icon where browsers look for one", async () => {
  const { headers, body } = await (await createApp()).inject({ url: "/favicon.ico" });
  expect([headers["content-type"], body]).toEqual(["image/svg+xml", "<svg/>"]);
});

it("sends gzip to whoever takes it, nothing to whoever has it, and lets files that are named by content be kept", async () => {
  const app = await createApp();
  const compressed = await app.inject({ url: "/", headers: { "accept-encoding": "br, gzip" } });
  expect(compressed.headers["content-encoding"]).toBe("gzip");
  expect(compressed.headers.vary).toContain("accept-encoding");
  const refused = await app.inject({ url: "/", headers: { "accept-encoding": "gzip;q=0" } });
  expect(refused.headers["content-encoding"]).toBeUndefined();
  const etag = String(compressed.headers.etag);
  const again = await app.inject({ url: "/", headers: { "if-none-match": etag } });
  expect([again.statusCode, again.body]).toEqual([304, ""]);
  const script = await app.inject({ url: "/assets/index-1a2b.js" });
  expect(script.headers["cache-control"]).toContain("immutable");
});

it("leads to the documentation where the pages have not been built", async () => {
  const app = fastify();
  registerWebPages(app, await readWebPages(join(tmpdir(), "no-such-folder")), { publicRead: true });
  expect((await app.inject({ url: "/" })).headers.location).toBe("/docs");
});
