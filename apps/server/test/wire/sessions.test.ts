import { createClient, renewTokens } from "@obsqra/client";
import type { ErrorCode } from "@obsqra/contract";
import { accessTokenSettings } from "@obsqra/platform";
import { expect, it } from "vitest";
import { expectRefusal } from "./expect-refusal.ts";
import {
  password,
  send,
  sendJson,
  startTestServer,
  type TestServer,
  type WireResponse,
} from "./start-test-server.ts";

const minuteMs = 60_000;

/** Asks for the signed-in user on both protocols, and expects the same refusal. */
async function expectSignedOut(server: TestServer, headers: Record<string, string>, code: ErrorCode) {
  const responses: WireResponse[] = [];
  for (const [protocol, path] of [
    ["rest", "/api/v1/auth/me"],
    ["trpc", "/trpc/auth.me"],
  ] as const) {
    const response = await send(server.url, { path, headers });
    expectRefusal(response, code, protocol);
    responses.push(response);
  }
  return responses.map((response) => response.headers.get("www-authenticate"));
}

it("begins without any account, so that no default password opens one", async () => {
  await using server = await startTestServer();
  expect(await server.api.deps.db.selectFrom("users").select("id").execute()).toEqual([]);
  expect(await server.api.deps.db.selectFrom("api_keys").select("id").execute()).toEqual([]);
  for (const email of ["admin@example.org", "root@localhost.localdomain"]) {
    const json = { email, password: "admin" };
    expectRefusal(await sendJson(server.url, { path: "/api/v1/auth/login", json }), "CREDENTIALS_INVALID");
  }
});

it("asks for a token when none comes, or one in another scheme", async () => {
  await using server = await startTestServer();
  const { authorization } = await server.signUp("ada@example.org");
  const token = authorization.slice("Bearer ".length);
  for (const header of [
    "",
    "Bearer",
    "Bearer ",
    "Basic YWRhOng=",
    token,
    `Token ${token}`,
    `Bearer ${token} x`,
  ]) {
    const challenges = await expectSignedOut(server, { authorization: header }, "UNAUTHENTICATED");
    expect(challenges).toEqual(['Bearer realm="obsqra"', 'Bearer realm="obsqra"']);
  }
  await expectSignedOut(server, {}, "UNAUTHENTICATED");
  await expectSignedOut(server, { cookie: `access_token=${token}` }, "UNAUTHENTICATED");
  const lowerCase = { authorization: `bearer ${token}` };
  expect((await send(server.url, { path: "/api/v1/auth/me", headers: lowerCase })).status).toBe(200);
});

it("refuses a token that has expired, and says so", async () => {
  await using server = await startTestServer();
  const headers = await server.signUp("ada@example.org");
  server.api.clock.advance(31 * minuteMs);
  const challenges = await expectSignedOut(server, headers, "TOKEN_EXPIRED");
  expect(challenges).toEqual(Array(2).fill('Bearer realm="obsqra", error="invalid_token"'));
});

it("refuses forged tokens", async () => {
  await using server = await startTestServer();
  await using elsewhere = await startTestServer({
    deps: { accessTokens: accessTokenSettings(["another secret of 32 bytes or more"], 30) },
  });
  const { authorization } = await server.signUp("ada@example.org");
  const [head = "", claims = "", signature = ""] = authorization.slice("Bearer ".length).split(".");
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const decoded = JSON.parse(Buffer.from(claims, "base64url").toString()) as object;
  const foreign = (await elsewhere.signUp("ada@example.org")).authorization;
  const forged = [
    foreign.slice("Bearer ".length),
    `${encode({ alg: "none", typ: "at+jwt" })}.${claims}.`,
    `${head}.${encode({ ...decoded, sub: "01900000-0000-7000-8000-000000000001" })}.${signature}`,
    `${head}.${claims}.${signature.split("").reverse().join("")}`,
    `${head}.${claims}`,
    "nonsense",
    "a.b.c",
    "x".repeat(5000),
  ];
  for (const token of forged) {
    await expectSignedOut(server, { authorization: `Bearer ${token}` }, "TOKEN_INVALID");
  }
});

it("refuses a wrong password and an unknown email with the same response", async () => {
  await using server = await startTestServer();
  await server.signUp("ada@example.org");
  const responses = await Promise.all(
    ["ada@example.org", "nobody@example.org"].map((email) =>
      sendJson(server.url, { path: "/api/v1/auth/login", json: { email, password: `${password}!` } }),
    ),
  );
  const [wrong, unknown] = responses.map((response) => expectRefusal(response, "CREDENTIALS_INVALID"));
  expect(wrong?.message).toBe(unknown?.message);
  const overTrpc = { path: "/trpc/auth.login", json: { email: "ada@example.org", password: "wrong" } };
  expectRefusal(await sendJson(server.url, overTrpc), "CREDENTIALS_INVALID", "trpc");
});

it("refuses an email that is taken, in any spelling", async () => {
  await using server = await startTestServer();
  await server.signUp("ada@example.org");
  const json = { email: " ADA@example.org ", password, full_name: "Eve" };
  expectRefusal(await sendJson(server.url, { path: "/api/v1/auth/register", json }), "EMAIL_TAKEN");
  expectRefusal(await sendJson(server.url, { path: "/trpc/auth.register", json }), "EMAIL_TAKEN", "trpc");
});

it("refuses an unknown refresh token", async () => {
  await using server = await startTestServer();
  for (const refresh_token of ["nonsense", "\0"]) {
    const json = { refresh_token };
    expectRefusal(
      await sendJson(server.url, { path: "/api/v1/auth/refresh", json }),
      "REFRESH_TOKEN_INVALID",
    );
    expectRefusal(
      await sendJson(server.url, { path: "/trpc/auth.refresh", json }),
      "REFRESH_TOKEN_INVALID",
      "trpc",
    );
  }
});

it("treats another user's transaction exactly like one that does not exist", async () => {
  await using server = await startTestServer();
  const owner = await server.signUp("ada@example.org");
  const other = await server.signUp("eve@example.org");
  const json = { tx_hash: "0xabc", tx_type: "deposit", amount: "1" };
  const logged = await sendJson(server.url, { path: "/api/v1/transactions/", headers: owner, json });
  expect(logged.status).toBe(201);

  const forRest = (hash: string) => ["rest", `/api/v1/transactions/${hash}`] as const;
  const forTrpc = (hash: string) =>
    [
      "trpc",
      `/trpc/transactions.get?input=${encodeURIComponent(JSON.stringify({ tx_hash: hash }))}`,
    ] as const;
  for (const locate of [forRest, forTrpc]) {
    const bodies: string[] = [];
    for (const hash of ["0xabc", "0xabd"]) {
      const [protocol, path] = locate(hash);
      const response = await send(server.url, { path, headers: other });
      const { request_id } = expectRefusal(response, "TRANSACTION_NOT_FOUND", protocol);
      bodies.push(response.body.replaceAll(request_id, "id"));
    }
    expect(bodies[0]).toBe(bodies[1]);
  }
});

it("refuses to log a transaction twice, in any spelling of its hash", async () => {
  await using server = await startTestServer();
  const headers = await server.signUp("ada@example.org");
  const log = (path: string, tx_hash: string) =>
    sendJson(server.url, { path, headers, json: { tx_hash, tx_type: "deposit", amount: "1" } });
  expect((await log("/api/v1/transactions", "0xabc")).status).toBe(201);
  expectRefusal(await log("/api/v1/transactions", "0x0ABC"), "TRANSACTION_ALREADY_LOGGED");
  expectRefusal(await log("/trpc/transactions.create", "0xABC"), "TRANSACTION_ALREADY_LOGGED", "trpc");
});

it("is renewed before it is needed, once for all requests that come together, and ends when it was revoked", async () => {
  await using server = await startTestServer();
  const client = createClient({ url: server.url });
  const tokens = await client.auth.register.mutate({ email: "ada@example.org", password, full_name: "Ada" });
  const now = () => server.api.clock().getTime();
  const renew = () => renewTokens({ url: server.url, tokens, now });
  expect(await renew()).toBe(tokens);
  server.api.clock.advance(21 * minuteMs);
  const [first, second] = await Promise.all([renew(), renew()]);
  expect(first?.refresh_token).not.toBe(tokens.refresh_token);
  expect(second).toEqual(first);
  const rendering = createClient({ url: server.url, tokens: { read: () => first } });
  expect((await rendering.auth.me.query()).email).toBe("ada@example.org");
  server.api.clock.advance(31 * minuteMs);
  await expect(rendering.auth.me.query()).rejects.toMatchObject({ code: "SESSION_READ_ONLY" });
  expect(
    await renewTokens({ url: server.url, tokens: { ...tokens, refresh_token: "unknown" }, now }),
  ).toBeUndefined();
});
