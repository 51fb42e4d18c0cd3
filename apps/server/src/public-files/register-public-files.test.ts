import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { rotateLogKey } from "@obsqra/features";
import { createCallLimiter, createLimitPolicies } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../test/wire/start-test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    createCallLimiter: (deps) =>
      createCallLimiter({ policies: createLimitPolicies({ ipPerMinute: 40 }), ...deps }),
  });
});

afterAll(() => server[Symbol.asyncDispose]());

const read = (path: string, method = "GET") => fetch(`${server.url}/log/${path}`, { method });

it("publishes nothing before the log has begun, and then its files to every page, tiles for good", async () => {
  for (const path of ["checkpoint", "tile/0/000.p/1"]) expect((await read(path)).status, path).toBe(404);
  await rotateLogKey(server.api.deps);
  const checkpoint = await read("checkpoint");
  expect(await checkpoint.text()).toMatch(/^localhost:8000\/log\n2\n/);
  expect(Object.fromEntries(checkpoint.headers)).toMatchObject({
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "public, max-age=5",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
  });
  const tile = await read("tile/0/000.p/2");
  expect((await tile.bytes()).length).toBe(64);
  expect(Object.fromEntries(tile.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "cache-control": "public, max-age=31536000, immutable",
  });
  expect((await read("keys")).headers.get("content-type")).toMatch(/^application\/json/);
});

it("reads an artefact once from the database, and not at all for who has it", async () => {
  const { db } = server.api.deps;
  const text = JSON.stringify({ days: [1, 2, 3] });
  const sha256 = createHash("sha256").update(text).digest("hex");
  await db
    .insertInto("artefacts")
    .values({ sha256, gzip: gzipSync(text), created_at: new Date() })
    .execute();
  const get = (name: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/artefacts/${name}`, { headers });
  const first = await get(sha256);
  expect(await first.text()).toBe(text);
  expect(Object.fromEntries(first.headers)).toMatchObject({
    "cache-control": "public, max-age=31536000, immutable",
    "content-encoding": "gzip",
    etag: `W/"${sha256}"`,
    vary: "accept-encoding",
  });
  await db.schema.alterTable("artefacts").renameTo("away").execute();
  expect(await (await get(sha256)).text()).toBe(text);
  const plain = await get(sha256, { "accept-encoding": "identity" });
  expect([await plain.text(), plain.headers.get("content-encoding")]).toEqual([text, null]);
  const unread = "0".repeat(64);
  expect((await get(unread, { "if-none-match": `W/"${unread}"` })).status).toBe(304);
  expect((await get("x", { "if-none-match": '"x"' })).status).toBe(404);
  await db.schema.alterTable("away").renameTo("artefacts").execute();
  expect((await get(unread, { "if-none-match": "*" })).status).toBe(404);
});

it("says that there is nothing else, and takes nothing", async () => {
  for (const path of ["", "tile/0/000", "tile/0/000.p/3", "tile/0/%2e%2e/keys", "../health/x"]) {
    const response = await read(path);
    expect([path, response.status]).toEqual([path, 404]);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(response.headers.get("cache-control")).not.toMatch(/immutable/);
  }
  expect((await read("checkpoint", "POST")).status).toBe(405);
});

it("counts each request against its address", async () => {
  const statuses = new Set<number>();
  let left = Number.POSITIVE_INFINITY;
  for (let count = 0; count < 45; count += 1) {
    const { status, headers } = await read("checkpoint");
    statuses.add(status);
    expect(headers.get("ratelimit-policy")).toBe('"ip";q=40;w=60');
    const now = Number(/^"ip";r=(\d+);t=\d+$/.exec(headers.get("ratelimit") ?? "")?.[1]);
    expect(now === 0 || now < left).toBe(true);
    left = now;
  }
  expect([...statuses]).toEqual([200, 429]);
});
