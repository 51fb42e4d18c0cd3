import { listEndpoints, type NamedEndpoint } from "@obsqra/contract";
import { createCallLimiter, createLimitPolicies, createResponseCache } from "@obsqra/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  password,
  send,
  sendJson,
  startTestServer,
  type TestServer,
  type WireResponse,
} from "./start-test-server.ts";

type Headers = Readonly<Record<string, string>>;

const kept = listEndpoints().filter(({ endpoint }) => endpoint.revalidates === true);
const paths = kept.flatMap(listPaths);
const privatePaths = kept.filter(({ endpoint }) => endpoint.access !== "public").flatMap(listPaths);
const riskHistory = "/api/v1/analytics/risk-history";
const dashboard = "/api/v1/analytics/dashboard";

function listPaths({ path, endpoint }: NamedEndpoint): string[] {
  return [`/api/v1${endpoint.rest.path}`, `/trpc/${path}`];
}

function get(
  server: TestServer,
  path: string,
  headers: Headers,
  ifNoneMatch?: string,
): Promise<WireResponse> {
  const known: Headers = ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch };
  return send(server.url, { path, headers: { ...headers, ...known } });
}

async function tagOf(server: TestServer, path: string, headers: Headers): Promise<string> {
  const { status, headers: received } = await get(server, path, headers);
  expect(status).toBe(200);
  return received.get("etag") ?? "none";
}

function namesIn(header: string | null): string[] {
  return (header ?? "").split(",").map((name) => name.trim().toLowerCase());
}

function expectNotKept({ headers }: WireResponse): void {
  expect([headers.get("cache-control"), headers.get("etag")]).toEqual(["no-store", null]);
}

describe("a response that may be kept", () => {
  /** Shared, because models take seconds to train: each test has users of its own. */
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ withForecasts: true });
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it("is that of every read of analytics and predictions", () => {
    const names = kept.map(({ path }) => path);
    for (const { path, feature, endpoint } of listEndpoints()) {
      if (endpoint.kind === "query" && /analytics|predictions/.test(feature)) expect(names).toContain(path);
    }
  });

  it.each(paths)("is not sent again from %s to a user who has it", async (path) => {
    const user = await server.signUp(`${path.replaceAll("/", ".").slice(1)}@example.org`);
    const first = await get(server, path, user);
    expect([first.status, first.headers.get("cache-control")]).toEqual([200, "private, no-cache"]);
    expect(namesIn(first.headers.get("vary"))).toContain("authorization");
    const tag = first.headers.get("etag") ?? "none";
    expect(tag).toMatch(/^"[\w-]{22}"$/);

    const unchanged = await get(server, path, user, tag);
    expect([unchanged.status, unchanged.body]).toEqual([304, ""]);
    const ofTheBody = new Set(["content-type", "content-length"]);
    expect([...unchanged.headers.keys()]).toEqual(
      [...first.headers.keys()].filter((name) => !ofTheBody.has(name)),
    );
    for (const name of ["etag", "cache-control", "vary"]) {
      expect(unchanged.headers.get(name)).toBe(first.headers.get(name));
    }

    const other = await get(server, path, user, '"another"');
    expect([other.status, other.body]).toEqual([200, first.body]);
  });

  it.each(privatePaths)(
    "is not shown from %s to who may not see it, whatever tag they send",
    async (path) => {
      const user = await server.signUp(`stranger${path.replaceAll("/", ".")}@example.org`);
      const { headers } = await get(server, path, user);
      for (const tag of [headers.get("etag") ?? "none", "*"]) {
        const refused = await get(server, path, {}, tag);
        expect(refused.status).toBe(401);
        expectNotKept(refused);
      }
      await sendJson(server.url, { path: "/api/v1/auth/logout-everywhere", headers: user, json: {} });
      const signedOut = await get(server, path, user, headers.get("etag") ?? "none");
      expect(signedOut.status).toBe(401);
      expectNotKept(signedOut);
    },
  );

  it("has the same tag for another token, session or API key of the same user", async () => {
    const email = "renews@example.org";
    const register = { email, password, full_name: "Ada" };
    const post = async (path: string, json: unknown, headers: Headers = {}) =>
      JSON.parse((await sendJson(server.url, { path: `/api/v1${path}`, json, headers })).body);
    const registered = await post("/auth/register", register);
    const refreshed = await post("/auth/refresh", { refresh_token: registered.refresh_token });
    const signedIn = await post("/auth/login", { email, password });
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const { key } = await post(
      "/auth/api-keys",
      { name: "reader", scopes: ["analytics:read", "predictions:read"] },
      bearer(signedIn.access_token),
    );
    for (const path of paths) {
      const tags = new Set<string>();
      for (const token of [registered.access_token, refreshed.access_token, signedIn.access_token, key]) {
        tags.add(await tagOf(server, path, bearer(token)));
      }
      expect([path, tags.size]).toEqual([path, 1]);
    }
  });

  it("serves HEAD like GET, without the body", async () => {
    const user = await server.signUp("head@example.org");
    const head = (headers: Headers) =>
      send(server.url, { method: "HEAD", path: dashboard, headers: { ...user, ...headers } });
    const { body, headers } = await get(server, dashboard, user);
    const tag = headers.get("etag") ?? "none";
    for (const [known, status] of [
      ["none", 200],
      [tag, 304],
    ] as const) {
      const response = await head({ "if-none-match": known });
      expect([response.status, response.body]).toEqual([status, ""]);
      expect(response.headers.get("etag")).toBe(tag);
      expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(body)));
    }
  });

  it("may be a tRPC batch, if each of its calls may", async () => {
    const user = await server.signUp("batches@example.org");
    const batch = (names: string) => `/trpc/${names}?batch=1&input=%7B%7D`;
    const path = batch("analytics.dashboard,predictions.models");
    expect((await get(server, path, user, await tagOf(server, path, user))).status).toBe(304);
    const mixed = await get(server, batch("analytics.dashboard,auth.me"), user);
    expect(mixed.status).toBe(200);
    expectNotKept(mixed);
    const failed = await get(server, batch("analytics.dashboard,predictions.nothing"), user);
    expect(failed.status).toBe(207);
    expectNotKept(failed);
    const streamed = await get(server, path, { ...user, "trpc-accept": "application/jsonl" });
    expect(streamed.status).toBe(200);
    expectNotKept(streamed);
  });

  it("is no error", async () => {
    const user = await server.signUp("errs@example.org");
    const responses = [
      await get(server, `${riskHistory}?protocol=nowhere`, user, "*"),
      await get(server, `${riskHistory}?days=0`, user, "*"),
      await get(server, `/trpc/analytics.risk_history?input=${encodeURIComponent('{"days":0}')}`, user, "*"),
    ];
    expect(responses.map(({ status }) => status)).toEqual([404, 400, 400]);
    for (const response of responses) expectNotKept(response);
  });

  it("does not apply to the other responses", async () => {
    const user = await server.signUp("others@example.org");
    for (const path of ["/api/v1/auth/me", "/trpc/auth.me", "/api/v1/transactions"]) {
      const response = await get(server, path, user, "*");
      expect(response.status).toBe(200);
      expectNotKept(response);
    }
  });
});

it("is not sent again, but tells how far limits are used", async () => {
  const policies = createLimitPolicies({});
  await using server = await startTestServer({
    createCallLimiter: (deps) => createCallLimiter({ ...deps, policies }),
  });
  const user = await server.signUp("ada@example.org");
  for (const path of ["/api/v1/analytics/dashboard", "/trpc/analytics.dashboard"]) {
    const { status, headers } = await get(server, path, user, "*");
    expect(status).toBe(304);
    for (const name of ["ratelimit", "ratelimit-policy"]) expect(headers.get(name)).toContain('"ip"');
  }
});

describe("a tag", () => {
  it("changes with new data and with what the user holds, and is the user's own only where the response is", async () => {
    await using server = await startTestServer({ withForecasts: true });
    const [ada, eve] = [await server.signUp("ada@example.org"), await server.signUp("eve@example.org")];
    const tags = async (path: string) => [await tagOf(server, path, ada), await tagOf(server, path, eve)];
    const before = { risk: await tags(riskHistory), dashboard: await tags(dashboard) };
    expect([new Set(before.risk).size, new Set(before.dashboard).size]).toEqual([1, 1]);

    const json = { tx_hash: "0x1", tx_type: "allocate", amount: "1", allocation: { vesu: 100 } };
    await sendJson(server.url, { path: "/api/v1/transactions", headers: ada, json });
    const afterwards = { risk: await tags(riskHistory), dashboard: await tags(dashboard) };
    expect(afterwards.risk).toEqual(before.risk);
    expect(afterwards.dashboard[0]).not.toBe(before.dashboard[0]);
    expect(afterwards.dashboard[1]).toBe(before.dashboard[1]);
    expect((await get(server, dashboard, eve, afterwards.dashboard[0])).status).toBe(200);

    await server.api.deps.db.updateTable("protocols").set({ status: "paused" }).execute();
    expect((await get(server, dashboard, eve, afterwards.dashboard[1])).status).toBe(200);
  });

  it("is the same from two servers on one database", async () => {
    await using first = await startTestServer({ withForecasts: true });
    const { db, log } = first.api.deps;
    await using second = await startTestServer({ deps: { db, cache: createResponseCache({ log }) } });
    const user = await first.signUp("ada@example.org");
    for (const path of paths) {
      const tag = await tagOf(first, path, user);
      expect([path, (await get(second, path, user, tag)).status]).toEqual([path, 304]);
    }
  });

  it("leaves it to CORS to say that a response varies by origin", async () => {
    await using server = await startTestServer({
      withForecasts: true,
      env: { CORS_ORIGINS: ["https://app.example.org"] },
    });
    const user = await server.signUp("ada@example.org");
    for (const path of paths.slice(0, 2)) {
      const { headers } = await get(server, path, { ...user, origin: "https://app.example.org" });
      expect(namesIn(headers.get("vary"))).toEqual(expect.arrayContaining(["origin", "authorization"]));
    }
  });
});
