import { migrate, openDatabase } from "@obsqra/db";
import { createTestDatabase, startPostgres, startProxy } from "@obsqra/db/testing";
import { describe, expect, it, vi } from "vitest";
import { expectRefusal } from "./expect-refusal.ts";
import { password, send, sendJson, startTestServer, type TestServer } from "./start-test-server.ts";

/** Asks for something that needs the database, on both protocols. */
async function expectUnavailable(server: TestServer, headers: Record<string, string>) {
  const requests = [
    ["rest", send(server.url, { path: "/api/v1/transactions/", headers })],
    ["trpc", send(server.url, { path: "/trpc/transactions.list", headers })],
    ["trpc", send(server.url, { path: "/trpc/auth.me,users.profile?batch=1", headers })],
    ["rest", login(server)],
  ] as const;
  for (const [protocol, request] of requests) {
    const response = await request;
    expectRefusal(response, "DATABASE_UNAVAILABLE", protocol);
    expect(response.headers.get("retry-after")).toBe("5");
  }
}

function login(server: TestServer) {
  const json = { email: "ada@example.org", password };
  return sendJson(server.url, { path: "/api/v1/auth/login", json });
}

async function expectHealth(server: TestServer, database: "up" | "down") {
  expect((await send(server.url, { path: "/health" })).status).toBe(200);
  const ready = await send(server.url, { path: "/ready" });
  expect([ready.status, JSON.parse(ready.body).checks.database]).toEqual([503, database]);
}

describe("while the database is away", () => {
  it("says 503 and when to try again, and recovers without a restart", async () => {
    await using postgres = await startPostgres();
    const { db, close } = await openDatabase({ url: postgres.url("postgres"), pool: { size: 3 } });
    await migrate(db);
    await using server = await startTestServer({ deps: { db } });
    const headers = await server.signUp("ada@example.org");

    await postgres.stop();
    await expectUnavailable(server, headers);
    await expectHealth(server, "down");

    await postgres.start();
    const { status } = await vi.waitUntil(
      async () => {
        const response = await login(server);
        return response.status === 503 ? undefined : response;
      },
      { timeout: 120_000 },
    );
    expect(status).toBe(200);
    expect((await send(server.url, { path: "/trpc/auth.me", headers })).status).toBe(200);
    await expectHealth(server, "up");
    await close();
  });

  it("says 503 instead of waiting for ever for one that hangs", async () => {
    await using database = await createTestDatabase();
    await using proxy = await startProxy(database.url ?? "");
    const { db, close } = await openDatabase({ url: proxy.url, pool: { size: 3, responseTimeoutMs: 300 } });
    await using server = await startTestServer({ deps: { db } });
    const headers = await server.signUp("ada@example.org");

    proxy.freeze();
    await expectUnavailable(server, headers);
    await expectHealth(server, "down");

    proxy.thaw();
    expect((await login(server)).status).toBe(200);
    await expectHealth(server, "up");
    await close();
  });
});
