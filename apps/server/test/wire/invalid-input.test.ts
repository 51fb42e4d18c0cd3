import type { ErrorCode } from "@obsqra/contract";
import { describe, expect, it } from "vitest";
import { expectRefusal } from "./expect-refusal.ts";
import { send, sendJson, startTestServer } from "./start-test-server.ts";

interface Case {
  readonly what: string;
  readonly procedure: string;
  readonly rest: `${"GET" | "POST" | "PUT"} /${string}`;
  /** For GET, the values of the query string on REST. */
  readonly input: unknown;
  readonly code: ErrorCode;
  /** The field that the response names. */
  readonly field?: string;
}

const riskHistory = { procedure: "analytics.risk_history", rest: "GET /analytics/risk-history" } as const;
const register = { procedure: "auth.register", rest: "POST /auth/register" } as const;
const login = { procedure: "auth.login", rest: "POST /auth/login" } as const;
const logTransaction = { procedure: "transactions.create", rest: "POST /transactions/" } as const;
const optimize = {
  procedure: "predictions.run_optimization",
  rest: "POST /predictions/run-optimization",
} as const;
const preferences = { procedure: "users.update_preferences", rest: "PUT /users/preferences" } as const;
const invalid = "VALIDATION_FAILED";

const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };
const deposit = { tx_hash: "0x1", tx_type: "deposit", amount: "1" };
const forgedCursor = Buffer.from('["a\\u0000","b"]').toString("base64url");

const cases: Case[] = [
  ...[0, 91, -1, 1.5, "abc", "", "1e1", "NaN", 1e21].map((days) => ({
    what: `days=${days}`,
    ...riskHistory,
    input: { days },
    code: invalid as ErrorCode,
    field: "days",
  })),
  { what: "an unknown protocol", ...riskHistory, input: { protocol: "nosuch" }, code: "PROTOCOL_UNKNOWN" },
  { what: "NUL in a name", ...riskHistory, input: { protocol: "a\0" }, code: invalid, field: "protocol" },
  { what: "a made-up cursor", ...riskHistory, input: { cursor: "abc" }, code: "CURSOR_INVALID" },
  { what: "NUL inside a cursor", ...riskHistory, input: { cursor: forgedCursor }, code: "CURSOR_INVALID" },
  { what: "a limit over the limit", ...riskHistory, input: { limit: 5001 }, code: invalid, field: "limit" },
  {
    what: "a word outside an enum",
    ...riskHistory,
    input: { granularity: "pool" },
    code: invalid,
    field: "granularity",
  },

  { what: "wrong types", ...login, input: { email: 5, password: ["x"] }, code: invalid, field: "email" },
  { what: "missing fields", ...login, input: {}, code: invalid, field: "email" },
  { what: "an array in place of an object", ...login, input: [], code: invalid, field: "" },
  { what: "null in place of an object", ...login, input: null, code: invalid, field: "" },
  { what: "a JSON text in place of an object", ...login, input: '"abc"', code: invalid, field: "" },
  {
    what: "prototype keys in place of fields",
    ...login,
    input: { constructor: { email: "a@b.org" }, prototype: {} },
    code: invalid,
    field: "email",
  },
  {
    what: "a short password",
    ...register,
    input: { ...ada, password: "1234567" },
    code: invalid,
    field: "password",
  },
  { what: "no email address", ...register, input: { ...ada, email: "ada" }, code: invalid, field: "email" },
  {
    what: "NUL in an email address",
    ...register,
    input: { ...ada, email: "a\0@example.org" },
    code: invalid,
    field: "email",
  },
  {
    what: "NUL in a name of a person",
    ...register,
    input: { ...ada, full_name: "A\0" },
    code: invalid,
    field: "full_name",
  },

  {
    what: "a number as an amount",
    ...logTransaction,
    input: { ...deposit, amount: 5 },
    code: invalid,
    field: "amount",
  },
  {
    what: "a negative amount",
    ...logTransaction,
    input: { ...deposit, amount: "-1" },
    code: invalid,
    field: "amount",
  },
  {
    what: "an amount of 1000 digits",
    ...logTransaction,
    input: { ...deposit, amount: "9".repeat(1000) },
    code: invalid,
    field: "amount",
  },
  {
    what: "a hash that is none",
    ...logTransaction,
    input: { ...deposit, tx_hash: "hello" },
    code: invalid,
    field: "tx_hash",
  },
  {
    what: "a hash outside of the field",
    ...logTransaction,
    input: { ...deposit, tx_hash: `0x${"f".repeat(64)}` },
    code: "TX_HASH_INVALID",
  },
  {
    what: "NUL in details",
    ...logTransaction,
    input: { ...deposit, details: { note: "a\0b" } },
    code: invalid,
    field: "details",
  },
  {
    what: "NUL in a key of details",
    ...logTransaction,
    input: { ...deposit, details: { "a\0": 1 } },
    code: invalid,
    field: "details",
  },
  {
    what: "details nested 40 levels deep",
    ...logTransaction,
    input: { ...deposit, details: { a: nested(40) } },
    code: invalid,
    field: "details",
  },
  {
    what: "details over 16 KiB",
    ...logTransaction,
    input: { ...deposit, details: { a: "x".repeat(17_000) } },
    code: invalid,
    field: "details",
  },
  {
    what: "an id that is none",
    ...logTransaction,
    input: { ...deposit, suggestion_id: "1" },
    code: invalid,
    field: "suggestion_id",
  },
  {
    what: "an allocation on a deposit",
    ...logTransaction,
    input: { ...deposit, allocation: { nostra: 100 } },
    code: "ALLOCATION_INVALID",
  },
  {
    what: "shares that do not sum to 100",
    ...optimize,
    input: { current_allocation: { nostra: 50 } },
    code: "ALLOCATION_INVALID",
  },
  {
    what: "a share over 100",
    ...optimize,
    input: { current_allocation: { nostra: 1e300 } },
    code: invalid,
    field: "current_allocation.nostra",
  },
  {
    what: "an unknown preferred protocol",
    ...preferences,
    input: { preferred_protocols: ["nosuch"] },
    code: "PROTOCOL_UNKNOWN",
  },
  {
    what: "text in place of yes or no",
    ...preferences,
    input: { email_alerts_enabled: "yes" },
    code: invalid,
    field: "email_alerts_enabled",
  },
];

describe.each(["rest", "trpc"] as const)("over %s", (protocol) => {
  it("refuses input that does not fit, field by field, with the same code on both protocols", async () => {
    await using server = await startTestServer();
    const headers = await server.signUp("tester@example.org");
    for (const each of cases) {
      const response = await (protocol === "rest"
        ? sendOverRest(server.url, each, headers)
        : sendOverTrpc(server.url, each, headers));
      const refusal = expectRefusal(response, each.code, protocol);
      if (each.field === undefined) continue;
      const { issues } = refusal.details as { issues: { path: string }[] };
      expect([each.what, issues.map(({ path }) => path)]).toEqual([
        each.what,
        expect.arrayContaining([each.field]),
      ]);
    }
    expect(server.logLines).toEqual([]);
  });

  it("refuses numbers that JSON can write and JavaScript cannot hold", async () => {
    await using server = await startTestServer();
    const headers = await server.signUp("tester@example.org");
    const path = protocol === "rest" ? "/api/v1/users/preferences" : "/trpc/users.update_preferences";
    const method = protocol === "rest" ? "PUT" : "POST";
    const json = '{"rebalance_threshold":1e999}';
    expectRefusal(await sendJson(server.url, { method, path, headers, json }), "JSON_AMBIGUOUS", protocol);
  });

  it("names at most 50 of the fields that are wrong", async () => {
    await using server = await startTestServer();
    const headers = await server.signUp("tester@example.org");
    const shares = Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`N${index}`, 1]));
    const response = await sendJson(server.url, {
      path:
        protocol === "rest" ? "/api/v1/predictions/run-optimization" : "/trpc/predictions.run_optimization",
      headers,
      json: { current_allocation: shares },
    });
    const { details } = expectRefusal(response, invalid, protocol);
    expect((details as { issues: unknown[] }).issues).toHaveLength(50);
  });

  it.each<[string, object]>([
    ["fields that it does not know", { ["x".repeat(50_000)]: 1 }],
    ["names that callers choose", { current_allocation: { ["N".repeat(50_000)]: 1 } }],
  ])("shows the beginning of %s, however long they are", async (_, json) => {
    await using server = await startTestServer();
    const headers = await server.signUp("tester@example.org");
    const path =
      protocol === "rest" ? "/api/v1/predictions/run-optimization" : "/trpc/predictions.run_optimization";
    const response = await sendJson(server.url, { path, headers, json });
    expectRefusal(response, invalid, protocol);
    expect(response.body.length).toBeLessThan(2_000);
  });
});

it("refuses a key that a query string gives twice", async () => {
  await using server = await startTestServer();
  const headers = await server.signUp("tester@example.org");
  const path = "/api/v1/analytics/risk-history?days=1&days=2";
  const { details } = expectRefusal(await send(server.url, { path, headers }), invalid);
  expect(details).toMatchObject({ issues: [{ path: "days" }] });
});

it("ignores prototype keys in a query string", async () => {
  await using server = await startTestServer();
  const headers = await server.signUp("tester@example.org");
  const path = "/api/v1/analytics/dashboard?__proto__=1&constructor=2&prototype[x]=3&days=5";
  expect((await send(server.url, { path, headers })).status).toBe(200);
});

function sendOverRest(url: string, { rest, input }: Case, headers: Record<string, string>) {
  const [method = "", path = ""] = rest.split(" ");
  if (method !== "GET") return sendJson(url, { method, path: `/api/v1${path}`, headers, json: input });
  const values = Object.entries(input as object).map(([key, value]): [string, string] => [
    key,
    String(value),
  ]);
  return send(url, { path: `/api/v1${path}?${new URLSearchParams(values)}`, headers });
}

function sendOverTrpc(url: string, { procedure, rest, input }: Case, headers: Record<string, string>) {
  const path = `/trpc/${procedure}`;
  if (!rest.startsWith("GET")) return sendJson(url, { path, headers, json: input });
  return send(url, { path: `${path}?input=${encodeURIComponent(JSON.stringify(input))}`, headers });
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}
