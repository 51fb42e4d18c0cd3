import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { type ErrorCode, listEndpoints } from "@obsqra/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { expectRefusal, protocolOf } from "./expect-refusal.ts";
import { sendBytes } from "./send-bytes.ts";
import { type RawRequest, send, startTestServer, type TestServer } from "./start-test-server.ts";

let server: TestServer;
let authorization: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ authorization } = await server.signUp("ada@example.org"));
});

afterAll(() => server[Symbol.asyncDispose]());

const json = { "content-type": "application/json" };

/** JSON that no reader may let through, with a value of its own under the name `x`. */
const inexactValues: [what: string, value: string | Uint8Array][] = [
  ["a byte that is no UTF-8", Uint8Array.of(0x22, 0xe9, 0x22)],
  ["a name twice", '{"a":1,"a":1}'],
  ["a whole number beyond 2^53", "1234567890123456789"],
  ["a fraction with too many digits", "0.1234567890123456789"],
  ["a number beyond all doubles", "1e400"],
  ["half of a surrogate pair", '"\\ud800"'],
  ["a prototype", '{"__proto__":{"admin":true}}'],
  ["no end of levels", `${"[".repeat(100)}${"]".repeat(100)}`],
];

function within(before: string, value: string | Uint8Array, after: string): Buffer {
  return Buffer.concat([Buffer.from(before), Buffer.from(value), Buffer.from(after)]);
}

/** Percent-encoded byte by byte, as a query carries what is no text. */
function encodeBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

describe.each(inexactValues)("%s", (_what, value) => {
  const isText = typeof value === "string";

  it.each(listEndpoints().filter(({ endpoint }) => /POST|PUT/.test(endpoint.rest.method)))(
    "is refused in a body of $path, on REST, on tRPC and in a batch",
    async ({ path, endpoint: { rest, kind } }) => {
      const { method } = rest;
      const body = within('{"x":', value, "}");
      const requests: RawRequest[] = [
        { method, path: `/api/v1${rest.path}`, headers: json, body },
        { method: "POST", path: `/trpc/${path}`, headers: json, body },
        {
          method: "POST",
          path: `/trpc/${path}?batch=1`,
          headers: json,
          body: within('{"0":{"x":', value, "}}"),
        },
      ].filter((request) => kind === "mutation" || request.path.startsWith("/api"));
      for (const request of requests)
        expectRefusal(await send(server.url, request), "JSON_AMBIGUOUS", protocolOf(request.path));
    },
  );

  it("is refused in the input of a query on tRPC, alone and in a batch", async () => {
    for (const [before, after, batch] of [
      ['{"x":', "}", ""],
      ['{"0":{"x":', "}}", "&batch=1"],
    ] as const) {
      const input = encodeBytes(within(before, value, after));
      const response = await send(server.url, { path: `/trpc/transactions.list?input=${input}${batch}` });
      expectRefusal(response, isText ? "JSON_AMBIGUOUS" : "MALFORMED_REQUEST", "trpc");
    }
  });
});

/** What clients and proxies put on a request without a body by themselves. */
const headersWithoutBody: [what: string, headers: Record<string, string>][] = [
  ["nothing", {}],
  ["JSON", json],
  ["a form", { "content-type": "application/x-www-form-urlencoded" }],
  ["a form with a charset", { "content-type": "application/x-www-form-urlencoded;charset=utf-8" }],
  ["text", { "content-type": "text/plain; charset=utf-8" }],
  ["a file", { "content-type": "multipart/form-data; boundary=x" }],
  ["bytes", { "content-type": "application/octet-stream" }],
  ["no content type at all", { "content-type": "nonsense" }],
  ["an empty content type", { "content-type": "" }],
  ["another charset", { "content-type": "application/json; charset=utf-16" }],
  ["a compression", { "content-encoding": "gzip" }],
];

describe.each(headersWithoutBody)("a request without a body that announces %s", (_what, headers) => {
  it.each([
    ["with a length of 0", { "content-length": "0" }],
    ["in chunks, without one", { "transfer-encoding": "chunked" }],
  ])("is one without input, %s, on both protocols", async (_how, framing) => {
    for (const [path, protocol] of [
      ["/api/v1/auth/login", "rest"],
      ["/trpc/auth.login", "trpc"],
    ] as const) {
      const response = await send(server.url, { method: "POST", path, headers: { ...headers, ...framing } });
      expectRefusal(response, "VALIDATION_FAILED", protocol);
    }
  });

  it("reads, whatever it announces", async () => {
    for (const path of ["/api/v1/auth/me", "/trpc/auth.me"]) {
      const { status } = await send(server.url, { path, headers: { authorization, ...headers } });
      expect(status).toBe(200);
    }
  });
});

it("signs out a client that announces a form by itself", async () => {
  for (const path of ["/api/v1/auth/logout", "/trpc/auth.logout"]) {
    const signed = await server.signUp(`${randomUUID()}@example.org`);
    const headers = { ...signed, "content-type": "application/x-www-form-urlencoded", "content-length": "0" };
    expect((await send(server.url, { method: "POST", path, headers })).status).toBeLessThan(300);
    expectRefusal(await send(server.url, { path: "/api/v1/auth/me", headers: signed }), "TOKEN_INVALID");
  }
});

it("does nothing for who is gone before the end of a body in chunks", async () => {
  const signed = await server.signUp(`${randomUUID()}@example.org`);
  const { hostname, port } = new URL(server.url);
  for (const path of ["/api/v1/auth/logout", "/trpc/auth.logout"]) {
    const socket = connect(Number(port), hostname);
    const requested = once(server.app.server, "request");
    const head = [`POST ${path} HTTP/1.1`, "host: x", `authorization: ${signed.authorization}`];
    socket.write(`${head.join("\r\n")}\r\ntransfer-encoding: chunked\r\n\r\n`);
    const [request] = (await requested) as [IncomingMessage];
    socket.destroy();
    await new Promise((resolve) => request.once("close", resolve));
    expect((await send(server.url, { path: "/api/v1/auth/me", headers: signed })).status).toBe(200);
  }
  expect(server.logLines).toEqual([]);
});

it("waits for the first chunk of a body, however late it comes", async () => {
  const { hostname, port } = new URL(server.url);
  const body = '{"full_name":"Ad\u00e9le"}';
  const bytes = Buffer.from(body);
  const socket = connect(Number(port), hostname);
  const requested = once(server.app.server, "request");
  const head = ["PUT /api/v1/users/profile HTTP/1.1", "host: x", `authorization: ${authorization}`];
  socket.write(
    `${head.join("\r\n")}\r\ncontent-type: application/json\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  await requested;
  // Byte by byte, so that a character comes in two chunks.
  for (const byte of bytes)
    socket.write(Buffer.concat([Buffer.from("1\r\n"), Buffer.of(byte), Buffer.from("\r\n")]));
  socket.write("0\r\n\r\n");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toContain('"full_name":"Ad\u00e9le"');
});

describe("the headers of a body", () => {
  const profiles = [
    ["PUT", "/api/v1/users/profile"],
    ["POST", "/trpc/users.update_profile"],
  ] as const;

  async function expectEach(
    headers: Record<string, string>,
    body: string | Uint8Array,
    code: ErrorCode | undefined,
  ) {
    for (const [method, path] of profiles) {
      const response = await send(server.url, { method, path, headers: { authorization, ...headers }, body });
      if (code === undefined) expect([headers, response.status]).toEqual([headers, 200]);
      else expectRefusal(response, code, protocolOf(path));
      const is415 = response.status === 415;
      const isEncoding = code === "UNSUPPORTED_CONTENT_ENCODING";
      expect(response.headers.get("accept-encoding")).toBe(isEncoding ? "identity" : null);
      expect(response.headers.get("accept")).toBe(is415 && !isEncoding ? "application/json" : null);
    }
  }

  it("may name UTF-8 and no other charset", async () => {
    const parameters = [
      "charset=utf-8",
      'charset="UTF-8"',
      "CHARSET=UTF8",
      "profile=x",
      'x="; charset=latin1"',
    ];
    for (const parameter of parameters) {
      await expectEach({ "content-type": `application/json; ${parameter}` }, "{}", undefined);
    }
    for (const charset of [
      "iso-8859-1",
      '"utf-16"',
      "utf-16le",
      "windows-1252",
      "utf-8; charset=latin1",
      '""',
    ]) {
      await expectEach(
        { "content-type": `Application/JSON ;charset=${charset}` },
        "{}",
        "UNSUPPORTED_MEDIA_TYPE",
      );
    }
  });

  it("may name no encoding but identity", async () => {
    await expectEach({ ...json, "content-encoding": "identity" }, "{}", undefined);
    for (const encoding of ["gzip", "br", "deflate", "x-gzip", "identity, gzip", "zstd", "nonsense"]) {
      const headers = { ...json, "content-encoding": encoding };
      await expectEach(headers, gzipSync("{}"), "UNSUPPORTED_CONTENT_ENCODING");
      await expectEach(headers, "{}", "UNSUPPORTED_CONTENT_ENCODING");
    }
    for (const [method, path] of profiles) {
      const head = [`${method} ${path} HTTP/1.1`, "host: x", `authorization: ${authorization}`];
      const response = await sendBytes(
        server.url,
        `${head.join("\r\n")}\r\ncontent-type: application/json\r\nconnection: close\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
        false,
      );
      expect(response).toContain("UNSUPPORTED_CONTENT_ENCODING");
    }
  });
});

it("takes two calls under one idempotency key for the same only if the same was sent, unknown fields included", async () => {
  const transaction = { tx_hash: "0x5a1d", tx_type: "deposit", amount: "1" };
  for (const path of ["/api/v1/transactions", "/trpc/transactions.create"]) {
    const headers = {
      ...(await server.signUp(`${randomUUID()}@example.org`)),
      ...json,
      "idempotency-key": "k",
    };
    const create = (input: object) =>
      send(server.url, { method: "POST", path, headers, body: JSON.stringify(input) });
    expect((await create({ ...transaction, nonce: 1 })).status).toBeLessThan(300);
    expect((await create({ nonce: 1, ...transaction })).headers.get("idempotent-replayed")).toBe("true");
    const refused = await create({ ...transaction, nonce: 2 });
    expect([refused.status, refused.body]).toEqual([422, expect.stringContaining("IDEMPOTENCY_KEY_REUSED")]);
  }
});

it("stores and gives back what was sent, to the byte, or refuses it, whatever bytes a body has", async () => {
  const name = { bytes: Buffer.from('{"full_name":"Ren\u00e9 \u{1f600} \\u00e9"}'), field: "full_name" };
  const share = { bytes: Buffer.from('{"rebalance_threshold":12.25}'), field: "rebalance_threshold" };
  const mutation = fc.record({
    what: fc.constantFrom(name, share),
    at: fc.nat(),
    remove: fc.nat(2),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc
        .constantFrom("\\ud83d", "e1", "0", '"', ',"full_name":"Eve"', "\u00a0", "\ufeff", "\\u0000")
        .map((text) => Buffer.from(text)),
    ),
  });
  const property = fc.asyncProperty(mutation, async ({ what, at, remove, insert }) => {
    const start = at % (what.bytes.length + 1);
    const body = Buffer.concat([what.bytes.subarray(0, start), insert, what.bytes.subarray(start + remove)]);
    const path = what === name ? "/api/v1/users/profile" : "/api/v1/users/preferences";
    const response = await send(server.url, {
      method: "PUT",
      path,
      headers: { authorization, ...json },
      body,
    });
    if (response.status === 400) return;
    expect(response.status).toBe(200);
    const sent = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body),
    ) as Fields;
    if (!(what.field in sent)) return;
    const kept = JSON.parse(response.body) as Fields;
    const value = sent[what.field];
    expect(kept[what.field]).toEqual(typeof value === "string" ? value.trim() : value);
  });
  await fc.assert(property, { numRuns: inject("isLong") ? 5_000 : 300, seed: inject("seed") });
});

type Fields = Record<string, unknown>;
