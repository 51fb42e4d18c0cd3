import { once } from "node:events";
import { connect } from "node:net";
import { createCallLimiter, createLimitPolicies, type LimitQuotas } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { callEndpoint, type Protocol } from "./call-endpoint.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { password, send, startTestServer, type WireResponse } from "./start-test-server.ts";

const protocols: readonly Protocol[] = ["rest", "trpc"];

const warnings: string[] = [];
const note = (warning: Error) => void warnings.push(warning.message);
beforeAll(() => void process.on("warning", note));
afterAll(() => {
  process.off("warning", note);
  // Limits wait for the end of a response, as many others do, which Node takes for a leak from eleven on.
  expect(warnings).toEqual([]);
});

function startLimitedServer(quotas: Partial<LimitQuotas>) {
  const policies = createLimitPolicies(quotas);
  return startTestServer({ createCallLimiter: (deps) => createCallLimiter({ ...deps, policies }) });
}

/** The headers of the draft, with the seconds that pass while a test runs taken out. */
function limitsOf({ headers }: WireResponse) {
  return [headers.get("ratelimit-policy"), headers.get("ratelimit")?.replaceAll(/t=\d+/g, "t")];
}

it("tells on success and on error how far each limit is used, on both protocols", async () => {
  await using server = await startLimitedServer({});
  const { authorization } = await server.signUp("ada@example.org");
  const bearer = authorization.replace("Bearer ", "");
  const policies = '"ip";q=1200;w=60, "user";q=600;w=60, "day";q=20000;w=86400';
  let calls = 0;
  for (const protocol of protocols) {
    for (const [path, input, status] of [
      ["auth.me", undefined, 200],
      ["transactions.get", { tx_hash: "0x1" }, 404],
      ["transactions.get", { tx_hash: "none" }, 400],
    ] as const) {
      const response = await callEndpoint(server.url, { protocol, path, input, bearer });
      calls += 1;
      expect(response.status).toBe(status);
      // Signing up was worth 10.
      const used = `"ip";r=${1_190 - calls};t, "user";r=${600 - calls};t, "day";r=${20_000 - calls};t`;
      expect(limitsOf(response)).toEqual([policies, used]);
    }
  }
  for (const protocol of protocols) {
    const stranger = await callEndpoint(server.url, { protocol, path: "auth.me" });
    calls += 1;
    expect(limitsOf(stranger)).toEqual(['"ip";q=1200;w=60', `"ip";r=${1_190 - calls};t`]);
  }
});

it("refuses in the same words on both protocols, and says when to try again", async () => {
  for (const protocol of protocols) {
    await using server = await startLimitedServer({ ipPerMinute: 2 });
    const call = () => callEndpoint(server.url, { protocol, path: "auth.me" });
    await call();
    await call();
    const refused = await call();
    const { details } = expectRefusal(refused, "RATE_LIMITED", protocol);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(details).toEqual({ policy: "ip", retry_after_seconds: seconds });
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get("ratelimit")).toBe(`"ip";r=0;t=${seconds}`);
    expect(server.logLines).toEqual([]);
  }
});

it("tells at the start of a streamed batch how far the limit of the address is used by then", async () => {
  await using server = await startLimitedServer({});
  const headers = { ...(await server.signUp("ada@example.org")), "trpc-accept": "application/jsonl" };
  const batch = () => send(server.url, { path: "/trpc/auth.me,auth.me?batch=1", headers });
  expect(limitsOf(await batch())).toEqual(['"ip";q=1200;w=60', '"ip";r=1188;t']);
  expect(limitsOf(await batch())).toEqual(['"ip";q=1200;w=60', '"ip";r=1186;t']);
});

it("counts each call of a batch, and serves those that fit", async () => {
  await using server = await startLimitedServer({ userPerMinute: 25 });
  const headers = await server.signUp("ada@example.org");
  const batch = () =>
    send(server.url, { path: `/trpc/${Array(20).fill("auth.me").join(",")}?batch=1`, headers });
  const first = await batch();
  expect(first.status).toBe(200);
  expect(limitsOf(first)[1]).toContain('"user";r=5;t');
  const second = await batch();
  expect(second.status).toBe(207);
  const responses = JSON.parse(second.body) as { error?: { data: { app_code: string } } }[];
  expect(responses.filter(({ error }) => error === undefined)).toHaveLength(5);
  expect(responses.filter(({ error }) => error?.data.app_code === "RATE_LIMITED")).toHaveLength(15);
  expect(second.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(limitsOf(second)[1]).toContain('"user";r=0;t');
});

it("says nothing about limits where calls are not counted, or before one is", async () => {
  await using open = await startTestServer();
  expect(limitsOf(await send(open.url, { path: "/api/v1/auth/me" }))).toEqual([null, undefined]);
  await using limited = await startLimitedServer({});
  for (const path of ["/health", "/openapi.json", "/nosuch"]) {
    expect(limitsOf(await send(limited.url, { path }))).toEqual([null, undefined]);
  }
});

it("refuses a URL that is too long, and takes the longest batch that the client sends", async () => {
  await using server = await startTestServer();
  const ask = (length: number) => send(server.url, { path: `/api/v1/auth/me?${"x".repeat(length - 16)}` });
  expect((await ask(8 * 1024)).status).toBe(401);
  expectRefusal(await ask(8 * 1024 + 1), "MALFORMED_REQUEST");
  const batch = `/trpc/${Array(20).fill("analytics.allocation_history").join(",")}?batch=1`;
  expect((await send(server.url, { path: batch })).status).toBe(401);
});

it("counts the calls of who resets the connection before the request is read, too", async () => {
  await using server = await startLimitedServer({});
  const { hostname, port } = new URL(server.url);
  for (const name of ["ada", "eve", "bob"]) {
    const socket = connect(Number(port), hostname);
    await Promise.all([once(socket, "connect"), once(server.app.server, "connection")]);
    const body = JSON.stringify({ email: `${name}@example.org`, password, full_name: "Ada" });
    // In one turn of the event loop that the server shares, so that it reads both at once.
    socket.write(
      `POST /api/v1/auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.resetAndDestroy();
    await once(socket, "close");
  }
  let asked = 0;
  await vi.waitUntil(async () => {
    asked += 1;
    const { headers } = await send(server.url, { path: "/api/v1/auth/me" });
    // Each registration is worth 10, and each look 1.
    return Number(/r=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1]) === 1_200 - 30 - asked;
  }, 60_000);
  expect(server.logLines).toEqual([]);
});
