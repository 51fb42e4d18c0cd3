import { expect, it } from "vitest";
import { expectRefusal } from "./expect-refusal.ts";
import { password, send, sendJson, startTestServer } from "./start-test-server.ts";

const foreign = {
  origin: "https://evil.example",
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "navigate",
};

it("does nothing for a form that another site posts with the browser's cookies (CSRF)", async () => {
  await using server = await startTestServer();
  const { authorization } = await server.signUp("ada@example.org");
  const token = authorization.slice("Bearer ".length);
  const cookie = ["access_token", "refresh_token", "session", "token", "authorization"]
    .map((name) => `${name}=${token}`)
    .join("; ");
  const body = JSON.stringify({ email: "eve@example.org", password, full_name: "Eve" });
  const forms = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"];
  for (const contentType of forms) {
    const headers = { ...foreign, cookie, "content-type": contentType };
    for (const path of ["/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/logout"]) {
      const response = await send(server.url, { method: "POST", path, headers, body });
      expectRefusal(response, "UNSUPPORTED_MEDIA_TYPE");
    }
    for (const path of ["/trpc/auth.register", "/trpc/auth.logout", "/trpc/auth.logout?batch=1"]) {
      const response = await send(server.url, { method: "POST", path, headers, body });
      expectRefusal(response, "UNSUPPORTED_MEDIA_TYPE", "trpc");
    }
  }
  const users = await server.api.deps.db.selectFrom("users").select("email").execute();
  expect(users).toEqual([{ email: "ada@example.org" }]);
  expect((await send(server.url, { path: "/api/v1/auth/me", headers: { authorization } })).status).toBe(200);
});

it("reads no cookies: a request that carries tokens only there is nobody's", async () => {
  await using server = await startTestServer();
  const { authorization } = await server.signUp("ada@example.org");
  const token = authorization.slice("Bearer ".length);
  for (const value of [`access_token=${token}`, `authorization=${encodeURIComponent(authorization)}`]) {
    const headers = { ...foreign, cookie: value };
    expectRefusal(await send(server.url, { path: "/api/v1/auth/me", headers }), "UNAUTHENTICATED");
    expectRefusal(await send(server.url, { path: "/trpc/auth.me", headers }), "UNAUTHENTICATED", "trpc");
    const logout = { method: "POST", path: "/api/v1/auth/logout", headers };
    expectRefusal(await send(server.url, logout), "UNAUTHENTICATED");
  }
});

it("sets no cookies", async () => {
  await using server = await startTestServer();
  const json = { email: "ada@example.org", password, full_name: "Ada" };
  const responses = [
    await sendJson(server.url, { path: "/api/v1/auth/register", json }),
    await sendJson(server.url, { path: "/trpc/auth.login", json }),
    await send(server.url, { path: "/docs" }),
    await send(server.url, { path: "/health" }),
  ];
  for (const { headers } of responses) expect(headers.get("set-cookie")).toBeNull();
});

it("never lets a page of another origin send credentials, whatever origins are allowed", async () => {
  for (const CORS_ORIGINS of [undefined, ["*"], ["https://app.example.org"]]) {
    await using server = await startTestServer({ env: { CORS_ORIGINS } });
    for (const origin of [foreign.origin, "https://app.example.org", "null"]) {
      const headers = { origin, "access-control-request-method": "POST" };
      for (const method of ["OPTIONS", "GET"]) {
        const response = await send(server.url, { method, path: "/api/v1/auth/me", headers });
        expect(response.headers.get("access-control-allow-credentials")).toBeNull();
      }
    }
  }
});

it("lets pages of the configured origins call, and no others", async () => {
  await using server = await startTestServer({ env: { CORS_ORIGINS: ["https://app.example.org"] } });
  const allowed = async (origin: string) => {
    const response = await send(server.url, { path: "/health", headers: { origin } });
    return response.headers.get("access-control-allow-origin");
  };
  expect(await allowed("https://app.example.org")).toBe("https://app.example.org");
  for (const origin of [
    foreign.origin,
    "null",
    "https://app.example.org.evil.example",
    "http://app.example.org",
  ]) {
    expect([origin, await allowed(origin)]).not.toEqual([origin, origin]);
    expect([origin, await allowed(origin)]).not.toEqual([origin, "*"]);
  }
});
