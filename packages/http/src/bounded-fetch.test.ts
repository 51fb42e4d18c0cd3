import { expect, it } from "vitest";
import { createBoundedFetch, HostUnavailableError } from "./index.ts";

const bounds = { timeoutMs: 60_000, bytesMax: 10 };
const respond = (response: Response) => createBoundedFetch(async () => response, bounds);

it("gives status, headers and body as they came, and follows no redirect", async () => {
  const seen: RequestInit[] = [];
  const fetch = createBoundedFetch(async (_url, init = {}) => {
    seen.push(init);
    return new Response("moved", { status: 302, headers: { location: "http://elsewhere.example/" } });
  }, bounds);
  const response = await fetch("https://example.org/", { method: "POST", body: "a=b" });
  expect([response.status, response.headers.get("location"), await response.text()]).toEqual([
    302,
    "http://elsewhere.example/",
    "moved",
  ]);
  expect(seen).toMatchObject([{ method: "POST", body: "a=b", redirect: "manual" }]);
});

it("takes what has no body", async () => {
  const response = await respond(new Response(null, { status: 204 }))("https://example.org/");
  expect([response.status, await response.text()]).toEqual([204, ""]);
});

it.each([
  ["more bytes than there may be", new Response("12345678901")],
  ["a failure", new Response("", { status: 503 })],
  ["that it was asked too often", new Response("", { status: 429 })],
])("gives up a host that responds with %s, and names it", async (_name, response) => {
  const refused = respond(response)("https://example.org/secret?code=1");
  await expect(refused).rejects.toThrow(HostUnavailableError);
  await expect(refused).rejects.toThrow(/^example\.org /);
});

it("gives up a host that does not respond, in its time and when the caller has enough", async () => {
  const silent = (_url: unknown, init: RequestInit = {}) =>
    new Promise<Response>((_resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const hurried = createBoundedFetch(silent, { ...bounds, timeoutMs: 10 });
  await expect(hurried("https://example.org/")).rejects.toThrow(HostUnavailableError);
  const stopped = new AbortController();
  const asked = createBoundedFetch(silent, bounds)("https://example.org/", { signal: stopped.signal });
  stopped.abort();
  await expect(asked).rejects.toThrow(HostUnavailableError);
});
