import { createCallLimiter, createLimitPolicies } from "@obsqra/platform";
import { describe, expect, it, vi } from "vitest";
import { expectRefusal, protocolOf } from "./expect-refusal.ts";
import { send, startTestServer, type TestServer } from "./start-test-server.ts";

function startLimitedServer(ipPerMinute: number): Promise<TestServer> {
  const policies = createLimitPolicies({ ipPerMinute });
  return startTestServer({ createCallLimiter: (deps) => createCallLimiter({ ...deps, policies }) });
}

const json = { "content-type": "application/json" };
const login = { method: "POST", path: "/api/v1/auth/login", headers: json };

describe("requests that are refused before they reach a call", () => {
  it.each([
    ["a name twice", { ...login, body: '{"email":"a","email":"b"}' }, 400],
    ["a number of 60,000 digits", { ...login, body: `{"email":0.${"1".repeat(60_000)}}` }, 400],
    ["no JSON", { ...login, body: "{" }, 400],
    ["another type", { ...login, headers: { "content-type": "text/xml" }, body: "<a/>" }, 415],
    ["too much", { ...login, body: `"${"x".repeat(70_000)}"` }, 413],
    ["an unknown path", { path: "/api/v1/nowhere" }, 404],
    ["an unknown path elsewhere", { path: "/nowhere" }, 404],
    ["an unknown procedure", { path: "/trpc/no.where" }, 404],
    ["another method", { method: "PUT", path: "/api/v1/auth/login", headers: json, body: "{}" }, 405],
  ])("are counted against the address: %s", async (_what, request, status) => {
    await using server = await startLimitedServer(3);
    expect((await send(server.url, request)).status).toBe(status);
    // It is counted once the response has been sent.
    const last = await vi.waitUntil(async () => {
      const response = await send(server.url, request);
      return response.status === 429 && response;
    });
    const { details } = expectRefusal(last, "RATE_LIMITED", protocolOf(request.path));
    const seconds = Number(last.headers.get("retry-after"));
    expect(details).toEqual({ policy: "ip", retry_after_seconds: seconds });
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    // Whatever it asks for then, but for whether the server is there.
    expect((await send(server.url, { path: "/api/v1/version" })).status).toBe(429);
    expect((await send(server.url, { path: "/health" })).status).toBe(200);
  });

  it("are counted apart from calls, which leave them as many points as they have", async () => {
    await using server = await startLimitedServer(2);
    const version = () => send(server.url, { path: "/api/v1/version" });
    for (const status of [200, 200, 429, 429, 429]) expect((await version()).status).toBe(status);
    expect((await send(server.url, { path: "/api/v1/nowhere" })).status).toBe(404);
  });
});
