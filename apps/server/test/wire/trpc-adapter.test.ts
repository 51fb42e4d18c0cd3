import { createTestApi, type TestApi } from "@obsqra/features/testing";
import { problemServerOptions, registerProblemHandlers } from "@obsqra/openapi";
import fc from "fast-check";
import fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRequestFacts } from "../../src/request-facts.ts";
import { registerTrpc } from "../../src/trpc/register-trpc.ts";

let api: TestApi;
let ours: FastifyInstance;
let theirs: FastifyInstance;
let authorization: string;

beforeAll(async () => {
  api = await createTestApi();
  const { access_token } = await api
    .caller()
    .auth.register({ email: "ada@example.org", password: "correct horse battery", full_name: "Ada" });
  authorization = `Bearer ${access_token}`;
  ours = await createApp(false);
  theirs = await createApp(true);
});
afterAll(async () => {
  await ours.close();
  await theirs.close();
  await api[Symbol.asyncDispose]();
});

/** @param isOwnHandlerOnly whether tRPC's own handler serves every request */
async function createApp(isOwnHandlerOnly: boolean): Promise<FastifyInstance> {
  const app = fastify({
    ...problemServerOptions,
    genReqId: () => "the-request",
    routerOptions: { maxParamLength: 5_000 },
  });
  registerProblemHandlers(app);
  // Each parameter fits; what is missing of the context is what only a whole server adds.
  const createContext = (request: Parameters<typeof readRequestFacts>[0], response: object) =>
    ({ ...api.deps, request: readRequestFacts(request), response }) as never;
  await registerTrpc(app, createContext, { isOwnHandlerOnly });
  return app;
}

/** What a caller sees of a response; how its end is told, by its length or by chunks, is the connection's matter. */
async function seen(app: FastifyInstance, request: InjectOptions) {
  const { statusCode, headers, body } = await app.inject(request);
  const {
    "content-length": _length,
    "transfer-encoding": _encoding,
    connection: _,
    date: __,
    ...rest
  } = headers;
  // The lines of a stream come in the order in which its calls end.
  return { statusCode, headers: rest, body: body.startsWith('{"0":[[0]') ? body.split("\n").length : body };
}

async function expectSame(request: InjectOptions): Promise<number> {
  const [own, other] = [await seen(ours, request), await seen(theirs, request)];
  expect(own, JSON.stringify(request)).toEqual(other);
  return own.statusCode;
}

function inputOf(input: unknown): string {
  return `input=${encodeURIComponent(JSON.stringify(input))}`;
}

it("responds to links as tRPC's own handler does", async () => {
  const headers = { authorization };
  const preferences = { email_alerts_enabled: false };
  const cases: [number, InjectOptions][] = [
    [200, { url: "/trpc/auth.me", headers }],
    [200, { url: `/trpc/transactions.list?${inputOf({ limit: 5 })}`, headers }],
    [200, { url: "/trpc/analytics.dashboard", headers }],
    [400, { url: `/trpc/transactions.list?${inputOf({ limit: 5_000 })}`, headers }],
    [401, { url: "/trpc/auth.me" }],
    [200, { url: `/trpc/auth.me,transactions.list?batch=1&${inputOf({ 1: { limit: 2 } })}`, headers }],
    [207, { url: `/trpc/auth.me,service.version?batch=1&${inputOf({})}` }],
    [200, { url: "/trpc/auth.me?batch=1", headers }],
    [
      200,
      {
        url: "/trpc/auth.me,service.version?batch=1",
        headers: { ...headers, "trpc-accept": "application/jsonl" },
      },
    ],
    [200, { method: "POST", url: "/trpc/users.update_preferences", headers, payload: preferences }],
    [
      200,
      { method: "POST", url: "/trpc/users.update_preferences?batch=1", headers, payload: { 0: preferences } },
    ],
    [400, { method: "POST", url: "/trpc/users.update_preferences", headers }],
    // As a link with `methodOverride` sends queries.
    [200, { method: "POST", url: "/trpc/auth.me", headers }],
    [400, { method: "POST", url: "/trpc/auth.me", headers, payload: {} }],
    [200, { method: "POST", url: "/trpc/transactions.list", headers, payload: { limit: 2 } }],
    [400, { method: "POST", url: "/trpc/transactions.list", headers, payload: { limit: 5_000 } }],
    [
      200,
      {
        method: "POST",
        url: "/trpc/auth.me,transactions.list?batch=1",
        headers,
        payload: { 1: { limit: 2 } },
      },
    ],
    [405, { url: "/trpc/users.update_preferences", headers }],
    [404, { url: "/trpc/auth.nothing", headers }],
    [404, { url: "/trpc/toString", headers }],
  ];
  for (const [status, request] of cases)
    expect([request, await expectSame(request)]).toEqual([request, status]);
});

it("sends a response that is complete with its length, so that it goes out in one piece", async () => {
  const { headers, body } = await ours.inject({ url: "/trpc/auth.me", headers: { authorization } });
  expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
});

it("responds as tRPC's own handler does, whatever is sent", async () => {
  const name = fc.constantFrom(
    ..."auth.me service.version transactions.list users.update_preferences".split(" "),
    ..."auth.nothing auth constructor __proto__ auth%2Eme auth%252Eme %2C  auth.me/".split(" "),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join(","));
  const json = fc.constantFrom(
    ...[
      '{"limit":2}',
      '{"limit":"2"}',
      '{"0":{"limit":2},"1":{}}',
      '{"0":null}',
      "null",
      "[]",
      "[{}]",
      '""',
      "0",
      "-0",
    ],
    ...[
      "false",
      '"text"',
      "{",
      '{"limit":1,"limit":2}',
      '{"email_alerts_enabled":false}',
      "",
      " ",
      '{"__proto__":1}',
    ],
  );
  const parameter = fc.oneof(
    json.map((text) => `input=${encodeURIComponent(text)}`),
    fc.constantFrom("batch=1", "batch=1", "batch=0", "batch", "batch=%31", "other=1", "lastEventId=1"),
    fc.constantFrom("connectionParams=null", "connectionParams=%7B%7D", "connectionParams=x", "input=%zz"),
  );
  const rarely = <TValue>(...values: TValue[]) =>
    fc.option(fc.constantFrom(...values), { nil: undefined, freq: 3 });
  const request = fc
    .record({
      method: fc.constantFrom("GET" as const, "GET" as const, "POST" as const, "HEAD" as const),
      path,
      query: fc.array(parameter, { maxLength: 3 }),
      payload: fc.option(json, { nil: undefined }),
      headers: fc.record({
        authorization: fc.constantFrom(undefined, "right", "Bearer wrong"),
        host: rarely("a b", "user@name", "[::1]:80", "[", "example.org:99999", "1.2.3.4.5"),
        accept: rarely("application/jsonl", "text/html, application/jsonl;q=1", "*/*"),
        "trpc-accept": rarely("application/jsonl", "text/plain"),
        "content-type": rarely(
          "application/json",
          "application/json; charset=utf-8",
          "APPLICATION/JSON",
          "text/plain",
          "multipart/form-data; boundary=x",
        ),
        "idempotency-key": rarely("k", ""),
      }),
    })
    .map(({ path: names, query, payload, headers: given, method }): InjectOptions => {
      const known = given.authorization === "right" ? { ...given, authorization } : given;
      const type =
        payload === undefined || given["content-type"] !== undefined
          ? {}
          : { "content-type": "application/json" };
      const headers = Object.fromEntries(
        Object.entries({ ...known, ...type }).filter(([, value]) => value !== undefined),
      );
      const sent = payload === undefined || method === "HEAD" ? {} : { payload };
      return {
        method,
        url: `/trpc/${names}${query.length > 0 ? `?${query.join("&")}` : ""}`,
        headers,
        ...sent,
      };
    });
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async (each) => {
      const status = await expectSame(each);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }),
    { numRuns: 1_000, seed: 13 },
  );
  for (const status of [200, 400, 401, 404, 405, 415]) expect(statuses.keys()).toContain(status);
});
