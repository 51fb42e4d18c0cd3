import { expect, it } from "vitest";
import { send, startTestServer } from "../test/wire/start-test-server.ts";

it("says alive as long as the process lives", async () => {
  await using server = await startTestServer();
  const { status, body } = await send(server.url, { path: "/health" });
  expect([status, JSON.parse(body)]).toEqual([200, { status: "ok" }]);
});

it("says ready once the database responds and the models are loaded", async () => {
  await using server = await startTestServer({ withForecasts: true });
  const { status, headers, body } = await send(server.url, { path: "/ready" });
  expect([status, JSON.parse(body)]).toEqual([
    200,
    { status: "ready", checks: { database: "up", models: "up" } },
  ]);
  expect(headers.get("cache-control")).toBe("no-store");
});

it.each([
  ["full", "disk full"],
  ["damaged", "damaged"],
] as const)("is not ready when the database is %s, and says so", async (state, shown) => {
  const database = { state: async () => state };
  await using server = await startTestServer({ withForecasts: true, database });
  const { status, body } = await send(server.url, { path: "/ready" });
  expect([status, JSON.parse(body)]).toEqual([
    503,
    { status: "not ready", checks: { database: shown, models: "up" } },
  ]);
});

it("says what it is not ready for", async () => {
  await using server = await startTestServer();
  const withoutModels = await send(server.url, { path: "/ready" });
  expect([withoutModels.status, JSON.parse(withoutModels.body)]).toEqual([
    503,
    { status: "not ready", checks: { database: "up", models: "down" } },
  ]);
  await server.api.deps.db.destroy();
  const withoutDatabase = await send(server.url, { path: "/ready" });
  expect([withoutDatabase.status, JSON.parse(withoutDatabase.body).checks]).toEqual([
    503,
    { database: "down", models: "down" },
  ]);
  expect((await send(server.url, { path: "/health" })).status).toBe(200);
});
