import { listCalls, listEndpoints } from "@obsqra/contract";
import { expect, it } from "vitest";
import { send, sendJson, startTestServer, type WireResponse } from "./start-test-server.ts";

/** Many users register from one address here. */
const throttleLimits = { perEmailAndIp: 1000, perIp: 1000 };

it("serves every path of the contract the same with and without a trailing slash", async () => {
  await using server = await startTestServer({ deps: { throttleLimits } });
  for (const { path: name, endpoint } of listCalls()) {
    const { method, path } = endpoint.rest;
    const url = fillPath(path);
    const responses: WireResponse[] = [];
    for (const each of [url, `${url}/`]) {
      // A user for each: some responses end the session, or depend on what was asked before.
      const headers = await server.signUp(`${name}-${responses.length}@example.org`);
      const response = await (method === "GET"
        ? send(server.url, { path: each, headers })
        : sendJson(server.url, { method, path: each, headers, json: {} }));
      expect([method, each, response.body]).not.toEqual([
        method,
        each,
        expect.stringMatching(/ROUTE_NOT_FOUND|METHOD_NOT_ALLOWED|INTERNAL_ERROR/),
      ]);
      responses.push(response);
    }
    const [plain, slashed] = responses.map(({ status, body }, index) => [
      url,
      status,
      withoutIdentity(body).replaceAll(`${name}-${index}@example.org`, "email"),
    ]);
    expect(slashed).toEqual(plain);
  }
});

it("serves nobody but signed-in users where the contract says so", async () => {
  await using server = await startTestServer();
  for (const { endpoint } of listEndpoints()) {
    const { method, path } = endpoint.rest;
    const url = fillPath(path);
    const { status } = await send(server.url, { method, path: url });
    expect([method, url, status === 401]).toEqual([method, url, endpoint.access !== "public"]);
  }
});

function fillPath(path: string): string {
  return `/api/v1${path.replace(/:\w+/g, "0x1")}`;
}

/** Leaves out what is different for every user: ids, the hashes of the audit log, where an export begins, secrets of apps, and challenges of passkeys. */
function withoutIdentity(body: string): string {
  return body
    .replaceAll(/"(salt|\w*hash)":"[0-9a-f]+"/g, '"hash"')
    .replaceAll(/"cursor":"[\w-]+"/g, '"cursor"')
    .replaceAll(/"challenge":"[\w-]+"|"user":\{"id":"[\w-]+"/g, '"passkey"')
    .replaceAll(/"secret":"[A-Z2-7]+".*"qr_code_svg":"(?:[^"\\]|\\.)*"/g, '"secret"')
    .replaceAll(/[0-9a-f-]{36}/g, "id");
}
