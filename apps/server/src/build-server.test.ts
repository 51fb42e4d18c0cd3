import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { send, startTestServer, type TestServer } from "../test/wire/start-test-server.ts";

const preflight = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization",
};

async function allowedOrigin(env: object, origin: string): Promise<string | null> {
  await using server = await startTestServer({ env });
  const { headers } = await send(server.url, {
    method: "OPTIONS",
    path: "/trpc/auth.me",
    headers: { origin, ...preflight },
  });
  return headers.get("access-control-allow-origin");
}

it("lets the configured origins in, and no other", async () => {
  const env = {
    ENVIRONMENT: "production",
    CORS_ORIGINS: ["https://app.example.org", "https://b.example.org"],
  };
  expect(await allowedOrigin(env, "https://b.example.org")).toBe("https://b.example.org");
  expect(await allowedOrigin(env, "https://evil.example.org")).toBeNull();
});

it("lets a star stand for one label or a part of it, and takes the origins of applications and extensions", async () => {
  const extension = "abcdefghijklmnopabcdefghijklmnop";
  await using server = await startTestServer({
    env: {
      ENVIRONMENT: "production",
      CORS_ORIGINS: [
        "https://*.vercel.app",
        "https://shop-*-team.example.org:8443",
        "capacitor://localhost",
        `chrome-extension://${extension}`,
      ],
    },
  });
  const allowed = async (origin: string) => {
    const { headers } = await send(server.url, { path: "/health", headers: { origin } });
    expect(headers.get("vary")).toMatch(/\borigin\b/i);
    return headers.get("access-control-allow-origin");
  };
  for (const origin of [
    "https://a.vercel.app",
    "https://my-app-git-main.vercel.app",
    "https://shop-42-team.example.org:8443",
    "capacitor://localhost",
    `chrome-extension://${extension}`,
  ]) {
    expect([origin, await allowed(origin)]).toEqual([origin, origin]);
  }
  for (const origin of [
    "https://vercel.app",
    "https://.vercel.app",
    "https://a.b.vercel.app",
    "http://a.vercel.app",
    "https://a.vercel.app.evil.example",
    "https://avercel.app",
    "https://a.vercelxapp",
    "https://a.vercel.app:8443",
    "https://evil.example/.vercel.app",
    "https://shop--team.example.org",
    "ionic://localhost",
    "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
    "null",
  ]) {
    expect([origin, await allowed(origin)]).toEqual([origin, null]);
  }
});

it("lets browsers keep what a preflight says for two hours", async () => {
  await using server = await startTestServer({ env: { CORS_ORIGINS: ["https://app.example.org"] } });
  const headers = { origin: "https://app.example.org", "access-control-request-method": "POST" };
  const preflight = await send(server.url, { method: "OPTIONS", path: "/api/v1/auth/login", headers });
  expect([preflight.status, preflight.headers.get("access-control-max-age")]).toEqual([204, "7200"]);
});

it("lets every origin in while developing, and none in production unless told", async () => {
  expect(await allowedOrigin({ ENVIRONMENT: "development" }, "http://localhost:5173")).toBe("*");
  expect(await allowedOrigin({ ENVIRONMENT: "production" }, "http://localhost:5173")).toBeNull();
  expect(await allowedOrigin({ ENVIRONMENT: "production", CORS_ORIGINS: ["*"] }, "https://a.org")).toBe("*");
});

it("lets pages read the headers of a response that the API sets, and never sends cookies", async () => {
  await using server = await startTestServer();
  const { headers } = await send(server.url, { path: "/health", headers: { origin: "https://a.org" } });
  expect(headers.get("access-control-expose-headers")).toBe(
    "x-request-id, retry-after, www-authenticate, etag, link, ratelimit, ratelimit-policy, idempotent-replayed, deprecation, sunset",
  );
  expect(headers.get("access-control-allow-credentials")).toBeNull();
  expect(headers.get("set-cookie")).toBeNull();
});

it("sends the security headers with every kind of response", async () => {
  await using server = await startTestServer();
  for (const path of ["/health", "/api/v1/auth/me", "/trpc/auth.me", "/docs", "/errors", "/nosuch"]) {
    const { headers } = await send(server.url, { path });
    expect([path, headers.get("x-content-type-options")]).toEqual([path, "nosniff"]);
    expect([path, headers.get("x-frame-options")]).toEqual([path, "SAMEORIGIN"]);
    expect([path, headers.get("strict-transport-security")]).toEqual([
      path,
      expect.stringContaining("max-age"),
    ]);
    expect([path, headers.get("content-security-policy")]).toEqual([
      path,
      expect.stringContaining("default-src"),
    ]);
    expect([path, headers.get("x-powered-by"), headers.get("server")]).toEqual([path, null, null]);
  }
});

it("gives every request an id of its own, whatever id the caller sends", async () => {
  await using server = await startTestServer();
  const headers = { "x-request-id": "chosen", "request-id": "chosen" };
  const ids = await Promise.all(
    [1, 2].map(async () =>
      (await send(server.url, { path: "/health", headers })).headers.get("x-request-id"),
    ),
  );
  expect(new Set([...ids, "chosen"]).size).toBe(3);
});

it("serves the documentation without sending the reader anywhere else", async () => {
  await using server = await startTestServer();
  for (const path of ["/docs", "/docs/", "/errors", "/openapi.json"]) {
    const { status, headers, body } = await send(server.url, { path });
    expect([path, status]).toEqual([path, 200]);
    const loaded = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link = ""]) => link);
    for (const link of loaded)
      expect([path, link]).toEqual([path, expect.not.stringMatching(/^(https?:)?\/\//)]);
    if (path !== "/openapi.json") expect(headers.get("content-security-policy")).not.toContain("http");
    const files = loaded.filter((link) => !link.startsWith("#") && !link.startsWith("data:"));
    for (const link of files) {
      const { pathname } = new URL(link, `${server.url}/docs/`);
      expect([pathname, (await send(server.url, { path: pathname })).status]).toEqual([pathname, 200]);
    }
  }
});

it("serves the committed OpenAPI document", async () => {
  await using server = await startTestServer();
  const { body } = await send(server.url, { path: "/openapi.json" });
  const { default: committed } = await import("@obsqra/openapi/openapi.json", {
    with: { type: "json" },
  });
  expect(JSON.parse(body)).toEqual(committed);
});

/** Opens a connection and says nothing. */
async function connectSilently({ app, url }: TestServer): Promise<{ readonly closed: Promise<unknown> }> {
  const accepted = once(app.server, "connection");
  const spare = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
  const closed = once(spare, "close");
  await accepted;
  return { closed };
}

it("stops without waiting for connections that were opened in advance and never used", async () => {
  await using server = await startTestServer();
  const { closed } = await connectSilently(server);
  await server.app.close();
  await closed;
});

it("stops without waiting for those that are opened while it stops, either", {
  timeout: 30_000,
}, async () => {
  await using server = await startTestServer({ limits: { webSocketHandOverMs: 200 } });
  // It listens until this one has been told to go on elsewhere.
  const reader = new WebSocket(`${server.url.replace("http", "ws")}/trpc`);
  await once(reader, "open");
  const stopped = server.app.close();
  const { closed } = await connectSilently(server);
  await stopped;
  await closed;
});
