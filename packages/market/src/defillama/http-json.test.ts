import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createJsonClient, type JsonClientOptions } from "./http-json.ts";

const now = new Date("2025-06-01T12:00:00.000Z");
const url = "https://api.example/pools?key=secret";

/** A client whose server gives the responses in turn (the last one for ever), and the waits it asked for. */
function createClient(
  responses: (() => Response | Promise<Response>)[],
  options: Partial<JsonClientOptions> = {},
) {
  const waits: number[] = [];
  let requests = 0;
  const client = createJsonClient({
    fetch: async () => {
      const respond = responses[Math.min(requests, responses.length - 1)];
      requests += 1;
      return (await respond?.()) ?? Response.error();
    },
    timeoutMs: 60_000,
    retries: 3,
    random: () => 0.5,
    now: () => now,
    sleep: async (ms) => void waits.push(ms),
    ...options,
  });
  return { client, waits, countRequests: () => requests };
}

const limits = { bytesMax: 67_108_864 };
const ok = () => Response.json({ data: [] });
const status = (code: number, headers: Record<string, string> = {}) =>
  new Response("", { status: code, headers });
const networkError = () => Promise.reject(new TypeError("fetch failed"));

it("retries network errors, 429 and 5xx, waiting longer each time", async () => {
  const { client, waits } = createClient([networkError, () => status(429), () => status(503), ok]);
  await expect(client.get(url, limits)).resolves.toEqual({ data: [] });
  expect(waits).toEqual([375, 750, 1500]);
});

it("spreads the waits between half and all of the step", async () => {
  for (const [random, wait] of [
    [0, 250],
    [0.999999, 500],
  ] as const) {
    const { client, waits } = createClient([networkError, ok], { random: () => random });
    await client.get(url, limits);
    expect(waits).toEqual([wait]);
  }
});

it.each([
  ["seconds", "7", 7_000],
  ["an HTTP date", "Sun, 01 Jun 2025 12:00:09 GMT", 9_000],
  ["a date that has passed", "Sun, 01 Jun 2025 11:00:00 GMT", 0],
  ["more than we are willing to wait", "86400", 30_000],
  ["nonsense", "soon", 375],
])("waits as Retry-After asks: %s", async (_, retryAfter, wait) => {
  const { client, waits } = createClient([() => status(429, { "retry-after": retryAfter }), ok]);
  await client.get(url, limits);
  expect(waits).toEqual([wait]);
});

it("gives up after the last retry, without repeating the address", async () => {
  const { client, countRequests } = createClient([networkError], { retries: 2 });
  await expect(client.get(url, limits)).rejects.toMatchObject({
    code: "UNREACHABLE",
    message:
      "api.example did not respond after 3 attempts (network error). Check the network, or use another market source.",
  });
  expect(countRequests()).toBe(3);
});

it.each([400, 403, 404])("takes status %i for final and does not retry", async (code) => {
  const { client, countRequests } = createClient([() => status(code)]);
  await expect(client.get(url, limits)).rejects.toMatchObject({ code: "BAD_RESPONSE" });
  expect(countRequests()).toBe(1);
});

it("refuses text that is not JSON", async () => {
  const { client } = createClient([() => new Response("<html>")]);
  await expect(client.get(url, limits)).rejects.toMatchObject({ code: "BAD_RESPONSE" });
});

it("counts a server that does not respond in time as unreachable", async () => {
  const { client } = createClient([], {
    timeoutMs: 1,
    retries: 1,
    fetch: (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      }),
  });
  await expect(client.get(url, limits)).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining("no response within 1 ms"),
  });
});

it("stops with the caller's reason, in a request and between two", async () => {
  const reason = new Error("shutting down");
  const inRequest = new AbortController();
  const first = createClient([], {
    fetch: async () => {
      inRequest.abort(reason);
      throw inRequest.signal.reason;
    },
  });
  await expect(first.client.get(url, { ...limits, signal: inRequest.signal })).rejects.toBe(reason);

  const between = new AbortController();
  const second = createClient([networkError], { sleep: async () => between.abort(reason) });
  await expect(second.client.get(url, { ...limits, signal: between.signal })).rejects.toBe(reason);
  expect(second.countRequests()).toBe(1);
});

it("gives up on a body that does not end, long before it fills the memory, and does not try again", async () => {
  let sent = 0;
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    const chunk = Buffer.alloc(1024 * 1024, " ");
    const write = () => {
      while (!response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", write);
      }
    };
    write();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { client } = createClient([], { fetch });
  await expect(client.get(`http://127.0.0.1:${port}/pools`, limits)).rejects.toMatchObject({
    code: "BAD_RESPONSE",
    message: expect.stringContaining("sent more than 67108864 bytes"),
  });
  expect(requests).toBe(1);
  expect(sent).toBeLessThan(100 * 1024 * 1024);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it("follows no redirect to a host that nobody configured", async () => {
  const { client, countRequests } = createClient([
    () => status(302, { location: "http://169.254.169.254/" }),
  ]);
  await expect(client.get(url, limits)).rejects.toMatchObject({
    code: "BAD_RESPONSE",
    message: expect.stringContaining("status 302"),
  });
  expect(countRequests()).toBe(1);
});
