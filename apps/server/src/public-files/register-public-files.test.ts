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
  for (let count = 0; count < 45; count += 1) statuses.add((await read("checkpoint")).status);
  expect([...statuses]).toEqual([200, 429]);
});
