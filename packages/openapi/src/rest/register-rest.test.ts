import { listEndpoints } from "@obsqra/contract";
import { AppError } from "@obsqra/platform";
import { describe, expect, it } from "vitest";
import { createEchoApp } from "../../test/echo-app.ts";

describe("routes", () => {
  it("serves every endpoint of the contract with and without a trailing slash", async () => {
    for (const ignoreTrailingSlash of [false, true]) {
      const app = await createEchoApp({
        server: { routerOptions: { ignoreTrailingSlash } },
        respond: ({ path }) => ({ path }),
      });
      for (const { endpoint } of listEndpoints()) {
        const url = `/api/v1${endpoint.rest.path.replace(/:\w+/g, "0x1")}`;
        for (const each of [url, `${url}/`]) {
          const response = await app.inject({ method: endpoint.rest.method, url: each });
          const isJson = /json/.test(response.headers["content-type"] ?? "");
          const { code } = isJson ? response.json() : { code: undefined };
          expect([each, code]).not.toEqual([each, "ROUTE_NOT_FOUND"]);
          if (response.statusCode < 400) expect(response.statusCode).toBe(endpoint.rest.status);
        }
      }
    }
  });

  it("tells the list of transactions from one of them", async () => {
    const app = await createEchoApp({ respond: ({ path }) => ({ path }) });
    const pathOf = async (url: string) => (await app.inject({ url })).json().path;
    expect(await pathOf("/api/v1/transactions/")).toBe("transactions.list");
    expect(await pathOf("/api/v1/transactions/0xabc")).toBe("transactions.get");
    expect(await pathOf("/api/v1/transactions/0xabc/")).toBe("transactions.get");
  });

  it("sends 204 without a body", async () => {
    const app = await createEchoApp({ respond: () => undefined });
    const response = await app.inject({ method: "POST", url: "/api/v1/auth/logout" });
    expect(response.statusCode).toBe(204);
    expect(response.body).toBe("");
    expect(response.headers["content-type"]).toBeUndefined();
  });

  it("keeps responses out of caches and names the request", async () => {
    const app = await createEchoApp({ server: { genReqId: () => "request-7" } });
    const response = await app.inject({ url: "/api/v1/auth/me" });
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.headers["x-request-id"]).toBe("request-7");
  });
});

describe("query strings", () => {
  const get = async (url: string) => (await createEchoApp()).inject({ url: `/api/v1${url}` });

  it("reads numbers as numbers and leaves out unknown keys", async () => {
    const response = await get("/analytics/risk-history?days=5&protocol=nostra&limit=10&utm_source=mail");
    expect(response.json().input).toEqual({
      days: 5,
      protocol: "nostra",
      limit: 10,
      granularity: "protocol",
      sort: "newest",
    });
  });

  it("uses the defaults without a query string", async () => {
    expect((await get("/transactions")).json().input).toEqual({ limit: 20, sort: "newest" });
  });

  it.each(["five", "5.5", "05", " 5", "0x5", "5e0", "+5", "", "1e999", "Infinity", "true"])(
    "refuses %j as a whole number",
    async (text) => {
      const response = await get(`/analytics/risk-history?days=${encodeURIComponent(text)}`);
      expect(response.statusCode).toBe(400);
      expect(response.json().details.issues).toEqual([{ path: "days", message: expect.any(String) }]);
    },
  );

  it("refuses a key that is given twice where one value is expected", async () => {
    const response = await get("/analytics/risk-history?days=5&days=6");
    expect(response.json()).toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: "days" }] },
    });
  });

  it("lets the path win over the query string", async () => {
    expect((await get("/transactions/0xabc?tx_hash=0x999")).json().input).toEqual({ tx_hash: "0xabc" });
  });
});

describe("bodies", () => {
  const post = async (url: string, payload?: string, contentType?: string) => {
    const app = await createEchoApp({ respond: ({ input }) => ({ input: input ?? null }) });
    const headers = contentType === undefined ? {} : { "content-type": contentType };
    return app.inject({
      method: "POST",
      url: `/api/v1${url}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
  };

  it("takes an empty body as no input, with and without a content type", async () => {
    for (const contentType of [undefined, "application/json", "application/json; charset=utf-8"]) {
      const response = await post("/predictions/run-optimization", undefined, contentType);
      expect([contentType, response.statusCode, response.json()]).toEqual([contentType, 200, { input: {} }]);
    }
    expect((await post("/predictions/run-optimization", " \n", "application/json")).statusCode).toBe(200);
  });

  it("ignores the body of an endpoint without input", async () => {
    const app = await createEchoApp({ respond: ({ input }) => expect(input).toBeUndefined() });
    const request = { method: "POST", url: "/api/v1/auth/logout", payload: { all: true } } as const;
    expect((await app.inject(request)).statusCode).toBe(204);
  });

  it("reports each field that is wrong", async () => {
    const response = await post("/auth/login", '{"email":"nobody","password":""}', "application/json");
    expect(response.json()).toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: "email" }, { path: "password" }] },
    });
  });

  it("does not read numbers out of texts in a body", async () => {
    const response = await post(
      "/transactions",
      '{"tx_hash":"0x1","tx_type":"deposit","amount":5}',
      "application/json",
    );
    expect(response.json().details.issues).toEqual([
      { path: "amount", message: 'write amounts as strings, such as "1250.5"' },
    ]);
  });

  const refused: [what: string, payload: string, contentType: string, status: number, code: string][] = [
    ["JSON that stops early", '{"email":', "application/json", 400, "MALFORMED_JSON"],
    ["single quotes", "{'a':1}", "application/json", 400, "MALFORMED_JSON"],
    ["a __proto__ key", '{"__proto__":{"admin":true}}', "application/json", 400, "JSON_AMBIGUOUS"],
    [
      "an escaped __proto__ key",
      '{"\\u005f_proto__":{"admin":true}}',
      "application/json",
      400,
      "JSON_AMBIGUOUS",
    ],
    ["a form", "email=a", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["plain text", "{}", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["more than 64 KiB", `"${"x".repeat(64 * 1024)}"`, "application/json", 413, "PAYLOAD_TOO_LARGE"],
    ["deep nesting without an end", "[".repeat(60_000), "application/json", 400, "MALFORMED_JSON"],
    ["deep nesting", "[".repeat(30_000) + "]".repeat(30_000), "application/json", 400, "JSON_AMBIGUOUS"],
    ["an array", "[]", "application/json", 400, "VALIDATION_FAILED"],
    ["null", "null", "application/json", 400, "VALIDATION_FAILED"],
  ];
  it.each(refused)("refuses %s", async (_what, payload, contentType, status, code) => {
    const response = await post("/auth/login", payload, contentType);
    expect(response.json()).toMatchObject({ status, code });
    expect(response.statusCode).toBe(status);
    expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  });
});

describe("errors of procedures", () => {
  const responseTo = async (error: unknown) => {
    const app = await createEchoApp({
      respond: () => {
        throw error;
      },
    });
    return app.inject({ url: "/api/v1/auth/me" });
  };

  it("sends the catalogued error", async () => {
    const response = await responseTo(new AppError("WALLET_ADDRESS_INVALID", { reason: "it is zero" }));
    expect(response.json()).toEqual({
      type: "/errors/WALLET_ADDRESS_INVALID",
      title: "Wallet address not valid",
      status: 400,
      detail: "The wallet address is not a Starknet account address: it is zero.",
      code: "WALLET_ADDRESS_INVALID",
      request_id: response.headers["x-request-id"],
      details: { reason: "it is zero" },
    });
  });

  it("asks for a token on 401, and says when the one it got was refused", async () => {
    const challengeTo = async (error: AppError) => (await responseTo(error)).headers["www-authenticate"];
    expect(await challengeTo(new AppError("UNAUTHENTICATED", undefined))).toBe('Bearer realm="obsqra"');
    expect(await challengeTo(new AppError("CREDENTIALS_INVALID", undefined))).toBe('Bearer realm="obsqra"');
    for (const code of ["TOKEN_EXPIRED", "TOKEN_INVALID", "API_KEY_INVALID"] as const) {
      expect(await challengeTo(new AppError(code, undefined))).toContain('error="invalid_token"');
    }
    expect(await challengeTo(new AppError("SESSION_REQUIRED", undefined))).toBeUndefined();
  });

  it("says on 429 and 503 when to try again, where waiting helps", async () => {
    const retryAfter = async (error: AppError) => {
      const response = await responseTo(error);
      return [response.statusCode, response.headers["retry-after"]];
    };
    expect(await retryAfter(new AppError("CHAIN_UNAVAILABLE", undefined))).toEqual([503, "30"]);
    expect(await retryAfter(new AppError("SERVER_BUSY", undefined))).toEqual([503, "2"]);
    expect(await retryAfter(new AppError("TOO_MANY_ATTEMPTS", { retry_after_seconds: 17 }))).toEqual([
      429,
      "17",
    ]);
    expect(await retryAfter(new AppError("CHAIN_NOT_CONFIGURED", undefined))).toEqual([503, undefined]);
  });

  it("hides the text of errors that nobody expected", async () => {
    const response = await responseTo(new Error("duplicate key value violates users_email_key"));
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({
      type: "/errors/INTERNAL_ERROR",
      title: "Internal error",
      status: 500,
      detail: "Something went wrong on our side. Try again, and quote the request id if it stays.",
      code: "INTERNAL_ERROR",
      request_id: response.headers["x-request-id"],
    });
  });
});
