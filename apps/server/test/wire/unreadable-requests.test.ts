import type { AppRouter } from "@obsqra/client";
import { type ErrorCode, errorCatalogue, httpStatusByTrpcCode } from "@obsqra/contract";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { expect, it } from "vitest";
import { expectNothingInternal, expectRefusal, protocolOf } from "./expect-refusal.ts";
import { sendBytes } from "./send-bytes.ts";
import { type RawRequest, send, startTestServer } from "./start-test-server.ts";

type Case = [what: string, request: RawRequest, code: ErrorCode];

const json = { "content-type": "application/json" };
const limit = 64 * 1024;

/** The same bodies, sent to the same endpoint on both protocols. */
const bodies: [what: string, body: string | undefined, contentType: string | undefined, code: ErrorCode][] = [
  ["JSON that stops early", '{"email":', "application/json", "MALFORMED_JSON"],
  ["no JSON at all", "email=a", "application/json", "MALFORMED_JSON"],
  ["JSON with a byte order mark", "\ufeff{}", "application/json", "MALFORMED_JSON"],
  ["a __proto__ key", '{"__proto__":{"admin":true}}', "application/json", "JSON_AMBIGUOUS"],
  ["JSON that is nested without an end", "[".repeat(60_000), "application/json", "MALFORMED_JSON"],
  [
    "JSON that is nested too deep to read",
    "[".repeat(30_000) + "]".repeat(30_000),
    "application/json",
    "JSON_AMBIGUOUS",
  ],
  ["a body over the limit", `"${"x".repeat(limit)}"`, "application/json", "PAYLOAD_TOO_LARGE"],
  ["a form", "email=a", "application/x-www-form-urlencoded", "UNSUPPORTED_MEDIA_TYPE"],
  [
    "a form over the limit",
    `--x\r\n\r\n${"x".repeat(2 * limit)}--x--`,
    "multipart/form-data; boundary=x",
    "UNSUPPORTED_MEDIA_TYPE",
  ],
  ["bytes", "{}", "application/octet-stream", "UNSUPPORTED_MEDIA_TYPE"],
  ["plain text", "{}", "text/plain", "UNSUPPORTED_MEDIA_TYPE"],
  ["a content type that is none", "{}", "nonsense", "UNSUPPORTED_MEDIA_TYPE"],
  ["no content type", "{}", undefined, "UNSUPPORTED_MEDIA_TYPE"],
];

const cases: Case[] = [
  ...["/api/v1/auth/login", "/trpc/auth.login"].flatMap((path) =>
    bodies.map(([what, body, contentType, code]): Case => {
      const headers: Record<string, string> =
        contentType === undefined ? {} : { "content-type": contentType };
      return [`${what} at ${path}`, { method: "POST", path, headers, body }, code];
    }),
  ),
  ["an empty body", { method: "POST", path: "/api/v1/auth/login", headers: json }, "VALIDATION_FAILED"],
  ["an empty body", { method: "POST", path: "/trpc/auth.login", headers: json }, "VALIDATION_FAILED"],
  ["a URL that cannot be decoded", { path: "/api/v1/transactions/%E0%A4%A" }, "MALFORMED_REQUEST"],
  ["a URL that cannot be decoded", { path: "/trpc/%E0%A4%A" }, "MALFORMED_REQUEST"],
  ["a name that cannot be decoded", { path: "/trpc/%25E0" }, "MALFORMED_REQUEST"],
  ["a host that is none", { path: "/trpc/auth.me", headers: { host: "a b" } }, "MALFORMED_REQUEST"],
  ["a user before the host", { path: "/trpc/auth.me", headers: { host: "user@name" } }, "MALFORMED_REQUEST"],
  [
    "a user before the host",
    { path: "/api/v1/auth/me", headers: { host: "user:word@name:1" } },
    "MALFORMED_REQUEST",
  ],
  ["a user in an absolute URL", { path: "http://user@name/trpc/auth.me" }, "MALFORMED_REQUEST"],
  [
    "a path segment over the limit",
    { path: `/api/v1/transactions/0x${"1".repeat(6000)}` },
    "MALFORMED_REQUEST",
  ],
  ["a path out of the documentation", { path: "/docs/static/..%2f..%2fpackage.json" }, "ROUTE_NOT_FOUND"],
  ["a path out of the documentation", { path: "/docs/static/../../package.json" }, "MALFORMED_REQUEST"],

  ["a path that does not exist", { path: "/api/v1/nosuch" }, "ROUTE_NOT_FOUND"],
  [
    "a path that does not exist",
    { method: "POST", path: "/nosuch", headers: json, body: "{" },
    "ROUTE_NOT_FOUND",
  ],
  ["a path with two slashes", { path: "//api/v1/auth/me" }, "ROUTE_NOT_FOUND"],
  ["tRPC without a procedure", { path: "/trpc" }, "ROUTE_NOT_FOUND"],
  ["an unknown procedure", { path: "/trpc/auth.nosuch" }, "ROUTE_NOT_FOUND"],
  ["a prototype as a procedure", { path: "/trpc/__proto__.constructor" }, "ROUTE_NOT_FOUND"],
  ["a prototype as a procedure", { path: "/trpc/constructor" }, "ROUTE_NOT_FOUND"],

  ["queries and mutations in one batch", { path: "/trpc/auth.me,auth.login?batch=1" }, "MALFORMED_REQUEST"],
  [
    "a batch over the limit",
    { path: `/trpc/${Array(21).fill("auth.me").join(",")}?batch=1` },
    "VALIDATION_FAILED",
  ],
  ["connection parameters that are no JSON", { path: "/trpc/auth.me?connectionParams={" }, "MALFORMED_JSON"],
  ["tRPC input that is no JSON", { path: "/trpc/auth.me?input={" }, "MALFORMED_JSON"],
  ["tRPC input that is given twice", { path: "/trpc/auth.me?input={}&input={}" }, "MALFORMED_REQUEST"],
  ["a query that is not UTF-8", { path: "/trpc/auth.me?input=%22%e9%22" }, "MALFORMED_REQUEST"],
  ["a query that is not UTF-8", { path: "/api/v1/transactions?cursor=%e9" }, "MALFORMED_REQUEST"],
  ["a query with a bare %", { path: "/api/v1/transactions?cursor=100%" }, "MALFORMED_REQUEST"],
  [
    "a stream of one call",
    { path: "/trpc/auth.me", headers: { "trpc-accept": "application/jsonl" } },
    "MALFORMED_REQUEST",
  ],
];

it("refuses whatever cannot be read or routed, and logs none of it as an error", async () => {
  await using server = await startTestServer();
  for (const [what, request, code] of cases) {
    const protocol = protocolOf(request.path);
    const response = await send(server.url, request);
    expect([what, response.body]).toEqual([what, expect.stringContaining(code)]);
    expectRefusal(response, code, protocol);
  }
  expect(server.logLines).toEqual([]);
});

it("is understood by tRPC's own client, whatever is refused before a call is made", async () => {
  await using server = await startTestServer();
  const url = `${server.url}/trpc`;
  const { auth } = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url })] });
  const put = httpBatchLink<AppRouter>({
    url,
    fetch: (target, options) => fetch(target, { ...(options as RequestInit), method: "PUT" }),
  });
  const refused = [
    [Array.from({ length: 21 }, () => auth.me.query()), "VALIDATION_FAILED"],
    [[auth.login.mutate({ email: "x".repeat(limit), password: "" })], "PAYLOAD_TOO_LARGE"],
    [[createTRPCClient<AppRouter>({ links: [put] }).auth.me.query()], "METHOD_NOT_ALLOWED"],
  ] as const;
  for (const [calls, app_code] of refused) {
    const { trpcCode: code } = errorCatalogue[app_code];
    const httpStatus = httpStatusByTrpcCode[code];
    for (const call of calls)
      await expect(call).rejects.toMatchObject({ data: { app_code, code, httpStatus } });
  }
});

it("refuses headers over the limit", async () => {
  await using server = await startTestServer();
  const response = await send(server.url, { path: "/health", headers: { cookie: "x".repeat(40_000) } });
  expectRefusal(response, "MALFORMED_REQUEST", "rest", 431);
});

it("takes a batch of the largest size", async () => {
  await using server = await startTestServer();
  const headers = await server.signUp("ada@example.org");
  const path = `/trpc/${Array(20).fill("auth.me").join(",")}?batch=1`;
  const response = await send(server.url, { path, headers });
  expect(response.status).toBe(200);
  expect(JSON.parse(response.body)).toHaveLength(20);
});

it("responds to HEAD on tRPC as to GET, without the body, except for streams", async () => {
  await using server = await startTestServer();
  const ask = async (method: string, path: string) => {
    const { status, headers, body } = await send(server.url, { method, path, headers: {} });
    return { status, body, length: headers.get("content-length"), type: headers.get("content-type") };
  };
  for (const [path, status] of [
    ["/trpc/service.version", 200],
    ["/trpc/service.version,service.version?batch=1", 200],
    ["/trpc/auth.me", 401],
    ["/trpc/auth.nothing", 404],
    ["/trpc/auth.logout", 405],
  ] as const) {
    const asked = await ask("GET", path);
    expect([path, asked.status]).toEqual([path, status]);
    expect([path, await ask("HEAD", path)]).toEqual([path, { ...asked, body: "" }]);
  }
  expect((await ask("HEAD", "/trpc/events.follow")).status).toBe(405);
});

it("says of the input of a query that it is no JSON, not only of bodies", async () => {
  await using server = await startTestServer();
  const { body } = await send(server.url, { path: "/trpc/service.version?input=%7B", headers: {} });
  expect(JSON.parse(body).error.message).toContain("`input` parameter");
});

it("refuses a wrong method and names the right ones", async () => {
  await using server = await startTestServer();
  const wrong: [method: string, path: string, allow: string, protocol: "rest" | "trpc"][] = [
    ["GET", "/api/v1/auth/login", "POST", "rest"],
    ["DELETE", "/api/v1/auth/me/", "GET, HEAD", "rest"],
    ["PATCH", "/api/v1/transactions", "GET, HEAD, POST", "rest"],
    ["POST", "/api/v1/transactions/0x1", "GET, HEAD", "rest"],
    ["POST", "/health", "GET, HEAD", "rest"],
    ["POST", "/openapi.json", "GET, HEAD", "rest"],
    ["TRACE", "/api/v1/auth/me", "GET, HEAD", "rest"],
    ["DELETE", "/trpc/auth.me", "GET, HEAD, POST", "trpc"],
    ["GET", "/trpc/auth.login", "POST", "trpc"],
  ];
  for (const [method, path, allow, protocol] of wrong) {
    const response = await send(server.url, { method, path, headers: method === "POST" ? json : {} });
    expectRefusal(response, "METHOD_NOT_ALLOWED", protocol);
    expect([method, path, response.headers.get("allow")]).toEqual([method, path, allow]);
  }
});

it.each(["GET /health HTTP/1.1\r\nno colon\r\n\r\n", "nonsense\r\n\r\n", "GET /health HTTP/9.9\r\n\r\n"])(
  "responds to bytes that are not HTTP: %j",
  async (bytes) => {
    await using server = await startTestServer();
    const [head = "", body = ""] = (await sendBytes(server.url, bytes)).split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(head).toContain("content-type: application/problem+json; charset=utf-8");
    const problem = JSON.parse(body) as { code: string; request_id: string };
    expect(problem.code).toBe("MALFORMED_REQUEST");
    expect(head).toContain(`x-request-id: ${problem.request_id}`);
    expectNothingInternal(body);
  },
);
