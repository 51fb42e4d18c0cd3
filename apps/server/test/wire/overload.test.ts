import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createPasswordHasher } from "@obsqra/features";
import { expect, it, vi } from "vitest";
import { callEndpoint } from "./call-endpoint.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { password, send, sendJson, startTestServer, type TestServer } from "./start-test-server.ts";

const credentials = { email: "ada@example.org", password };

/** A password hasher that waits until it is let go on, so that a test decides how long logins are worked on. */
async function createHeldHasher() {
  const hasher = await createPasswordHasher();
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  const verify: typeof hasher.verify = async (...parameters) => {
    waiting += 1;
    await gate.promise;
    return hasher.verify(...parameters);
  };
  return { hasher: { ...hasher, verify }, letGo: gate.resolve, waiting: () => waiting };
}

const login = ({ url }: TestServer) => sendJson(url, { path: "/api/v1/auth/login", json: credentials });

it("refuses what comes while it has as much to do as it can, finishes that, and takes on new work", async () => {
  const held = await createHeldHasher();
  await using server = await startTestServer({
    passwordHasher: held.hasher,
    limits: { requestsInFlight: 2 },
  });
  const headers = await server.signUp(credentials.email);
  const logins = [login(server), login(server)];
  await vi.waitUntil(() => held.waiting() === 2);

  for (const protocol of ["rest", "trpc"] as const) {
    const refused = await callEndpoint(server.url, { protocol, path: "auth.login", input: credentials });
    expectRefusal(refused, "SERVER_OVERLOADED", protocol);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  }
  expect((await send(server.url, { path: "/health" })).status).toBe(200);
  expect((await send(server.url, { path: "/ready" })).body).toContain('"database":"up"');

  held.letGo();
  expect((await Promise.all(logins)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await send(server.url, { path: "/api/v1/auth/me", headers })).status).toBe(200);
  expect(server.logLines).toEqual([]);
});

it("refuses without waiting for the body", async () => {
  const held = await createHeldHasher();
  await using server = await startTestServer({
    passwordHasher: held.hasher,
    limits: { requestsInFlight: 1 },
  });
  await server.signUp(credentials.email);
  const first = login(server);
  await vi.waitUntil(() => held.waiting() === 1);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  // The body never comes.
  socket.write(
    "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n",
  );
  const [response] = (await once(socket, "data")) as [Buffer];
  expect(response.toString()).toMatch(/^HTTP\/1\.1 503 /);
  socket.destroy();
  held.letGo();
  expect((await first).status).toBe(200);
});

it("is not kept busy by clients who do not read the response", async () => {
  await using server = await startTestServer({ limits: { requestsInFlight: 2 } });
  const { hostname, port } = new URL(server.url);
  for (const _ of [1, 2]) {
    const accepted = once(server.app.server, "connection");
    const socket = connect(Number(port), hostname);
    const [connection] = (await accepted) as [Socket];
    // As when the other end, and the system for it, takes no more bytes.
    Object.assign(connection, { _write: () => {}, _writev: () => {} });
    socket.write("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n");
    await vi.waitUntil(() => connection.writableLength > 0, 60_000);
  }
  expect((await send(server.url, { path: "/api/v1/version" })).status).toBe(200);
  server.app.server.closeAllConnections();
});

it("serves a burst beyond its limit in part: what succeeds is done, and what is refused is not", async () => {
  await using server = await startTestServer({ limits: { requestsInFlight: 4 } });
  const emails = Array.from({ length: 60 }, (_, index) => `ada${index}@example.org`);
  const responses = await Promise.all(
    emails.map((email) =>
      sendJson(server.url, {
        path: "/api/v1/auth/register",
        json: { ...credentials, email, full_name: "Ada" },
      }),
    ),
  );
  const [served, refused] = [201, 503].map((status) =>
    responses.filter((response) => response.status === status),
  );
  expect(served?.length).toBeGreaterThan(0);
  expect(refused?.length).toBe(emails.length - (served?.length ?? 0));
  for (const response of refused ?? []) expectRefusal(response, "SERVER_OVERLOADED");
  const registered = await server.api.deps.db.selectFrom("users").select("email").execute();
  expect(registered.map(({ email }) => email).sort()).toEqual(
    emails.filter((_, index) => responses[index]?.status === 201).sort(),
  );
});

it("refuses while its event loop is held up, and goes on when it is not", async () => {
  await using server = await startTestServer({ limits: { eventLoopDelayMs: 50, eventLoopSampleMs: 100 } });
  const status = async () => (await send(server.url, { path: "/api/v1/auth/me" })).status;
  const hold = () => {
    const until = performance.now() + 300;
    while (performance.now() < until);
  };
  await vi.waitUntil(async () => {
    hold();
    const [health, other] = await Promise.all([send(server.url, { path: "/health" }), status()]);
    expect(health.status).toBe(200);
    return other === 503;
  }, 60_000);
  await vi.waitUntil(async () => (await status()) === 401, { timeout: 120_000 });
});
