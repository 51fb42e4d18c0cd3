import { describe, expect, it } from "vitest";
import { type ClientOptions, createClientWith } from "./create-client.ts";
import type { ErrorCode } from "./index.ts";

const user = { result: { data: { email: "ada@example.org" } } };
const transaction = { tx_hash: "0x1", tx_type: "deposit", amount: "1" } as const;

/** A refusal as the service words it. */
function refusal(app_code: ErrorCode, httpStatus: number, details?: object): object {
  return {
    error: { message: app_code, code: -32603, data: { app_code, httpStatus, details, request_id: "r" } },
  };
}

/** How a request ends: with a response, or with none. */
type End = { readonly status?: number; readonly body?: object; readonly retryAfter?: string } | Error;

/** A client whose requests end as given, one after the other, and then well; its pauses take no time. */
function open(ends: readonly End[], options: Partial<ClientOptions> = {}) {
  const left = [...ends];
  const sent: {
    readonly url: string;
    readonly method: string | undefined;
    readonly key: string | undefined;
  }[] = [];
  const pauses: number[] = [];
  const client = createClientWith(
    {
      url: "http://localhost",
      batch: false,
      ...options,
      fetch: async (url, { method, headers } = {}) => {
        sent.push({ url, method, key: (headers as Record<string, string>)["idempotency-key"] });
        const end = left.shift() ?? {};
        if (end instanceof Error) throw end;
        const { status = 200, body = user, retryAfter } = end;
        const headersOf: Record<string, string> =
          retryAfter === undefined ? {} : { "retry-after": retryAfter };
        return Response.json(body, { status, headers: headersOf });
      },
    },
    { random: () => 0.5, pause: async (milliseconds) => void pauses.push(milliseconds) },
  );
  return { client, sent, pauses };
}

const lost = new TypeError("fetch failed");
const overloaded: End = { status: 503, body: refusal("SERVER_OVERLOADED", 503), retryAfter: "2" };

describe("a query", () => {
  it("is asked again when no response comes, after pauses that grow and are cut at random", async () => {
    const { client, sent, pauses } = open([lost, lost, lost], { maxRetries: 3 });
    expect((await client.auth.me.query()).email).toBe("ada@example.org");
    expect(sent).toHaveLength(4);
    expect(pauses).toEqual([250, 500, 1_000]);
  });

  it("is asked again twice, unless the client or the call says otherwise, and then fails as it did", async () => {
    const ends = Array.from({ length: 9 }, () => lost);
    const counts: number[] = [];
    for (const [maxRetries, context] of [
      [undefined, {}],
      [0, {}],
      [1, {}],
      [5, { maxRetries: 1 }],
    ] as const) {
      const { client, sent } = open(ends, { maxRetries });
      await expect(client.auth.me.query(undefined, { context })).rejects.toMatchObject({
        code: "CONNECTION_FAILED",
        cause: lost,
      });
      counts.push(sent.length);
    }
    expect(counts).toEqual([3, 1, 2, 2]);
  });

  it("waits for as long as the service asks for", async () => {
    const limited = refusal("RATE_LIMITED", 429, { policy: "ip", retry_after_seconds: 7 });
    const { client, pauses } = open([overloaded, { status: 429, body: limited }]);
    await client.auth.me.query();
    expect(pauses).toEqual([2_250, 7_500]);
  });

  it.each([
    [
      "a wait of more than 30 seconds",
      refusal("RATE_LIMITED", 429, { policy: "ip", retry_after_seconds: 31 }),
      429,
    ],
    ["what was refused", refusal("CURSOR_INVALID", 400), 400],
    ["a bug", refusal("INTERNAL_ERROR", 500), 500],
    ["too many passwords", refusal("TOO_MANY_ATTEMPTS", 429, { retry_after_seconds: 1 }), 429],
  ])("is not asked again for %s", async (_what, body, status) => {
    const { client, sent } = open([{ status, body }]);
    await expect(client.auth.me.query()).rejects.toMatchObject({ status });
    expect(sent).toHaveLength(1);
  });

  it("is asked again when a proxy responds that the service does not", async () => {
    const { client, sent } = open([
      { status: 502, body: {} },
      { status: 504, body: {} },
    ]);
    await client.auth.me.query();
    expect(sent).toHaveLength(3);
  });

  it("with an input too long for a URL is sent in a body", async () => {
    const { client, sent } = open([]);
    await client.transactions.list.query({ cursor: "x".repeat(2_000) });
    expect(sent).toMatchObject([
      { url: "http://localhost/trpc/transactions.list", method: "POST", key: undefined },
    ]);
  });
});

describe("a mutation", () => {
  it("is sent again with the same idempotency key, which it gets by itself, so that it is done once", async () => {
    const { client, sent } = open([lost, overloaded]);
    await client.transactions.create.mutate(transaction);
    const [first] = sent;
    expect(first?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(sent.map(({ key }) => key)).toEqual([first?.key, first?.key, first?.key]);
    await client.transactions.create.mutate(transaction);
    expect(sent.at(-1)?.key).not.toBe(first?.key);
  });

  it("keeps the key that it was given", async () => {
    const { client, sent } = open([lost]);
    await client.transactions.create.mutate(transaction, { context: { idempotencyKey: "mine" } });
    expect(sent.map(({ key }) => key)).toEqual(["mine", "mine"]);
  });

  it("that may not be sent again gets no key", async () => {
    const { client, sent } = open([lost], { maxRetries: 0 });
    await expect(client.transactions.create.mutate(transaction)).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
    });
    expect(sent.map(({ key }) => key)).toEqual([undefined]);
  });
});

it("a service in trouble gets few retries: ten from each client, and then one for every ten calls that succeed", async () => {
  const { client, sent } = open(Array.from({ length: 50 }, () => lost));
  const ask = () => client.auth.me.query().catch(() => {});
  for (let call = 0; call < 20; call += 1) await ask();
  expect(sent).toHaveLength(30);
});

it("errors carry the seconds after which to try again, also those of SERVER_BUSY", async () => {
  const busy: End = { status: 503, body: refusal("SERVER_BUSY", 503), retryAfter: "2" };
  const limited: End = {
    status: 429,
    body: refusal("RATE_LIMITED", 429, { policy: "ip", retry_after_seconds: 12 }),
  };
  const { client } = open([busy, limited, lost], { maxRetries: 0 });
  const ask = () => client.auth.me.query();
  await expect(ask()).rejects.toMatchObject({ code: "SERVER_BUSY", retry_after: 2 });
  await expect(ask()).rejects.toMatchObject({ code: "RATE_LIMITED", retry_after: 12 });
  await expect(ask()).rejects.toMatchObject({ code: "CONNECTION_FAILED", retry_after: undefined });
});

it("hooks see every request and what became of it, and add headers to it", async () => {
  const seen: unknown[] = [];
  const { client } = open([lost], {
    onRequest: ({ method, calls, headers }) => {
      seen.push([method, ...calls]);
      headers.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    },
    onResponse: ({ request, status, error }) =>
      void seen.push([request.headers.traceparent?.length, status, error]),
  });
  await client.auth.me.query();
  expect(seen).toEqual([
    ["GET", "auth.me"],
    [55, undefined, lost],
    ["GET", "auth.me"],
    [55, 200, undefined],
  ]);
});
