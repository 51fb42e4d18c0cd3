import { listEndpoints } from "@obsqra/contract";
import { expect, it } from "vitest";
import { type Answer, send, sendJson, startTestServer } from "./start-test-server.ts";

it("answers every path of the contract the same with and without a trailing slash", async () => {
  await using server = await startTestServer();
  for (const { endpoint } of listEndpoints()) {
    const { method, path } = endpoint.rest;
    const headers = await server.signUp(
      `${path.replaceAll("/", "-")}-${method}@example.org`.replace(":", ""),
    );
    const url = `/api/v1${path.replace(":tx_hash", "0x1")}`;
    const answers: Answer[] = [];
    for (const each of [url, `${url}/`]) {
      const answer = await (method === "GET"
        ? send(server.url, { path: each, headers })
        : sendJson(server.url, { method, path: each, headers, json: {} }));
      expect([method, each, answer.body]).not.toEqual([
        method,
        each,
        expect.stringMatching(/ROUTE_NOT_FOUND|METHOD_NOT_ALLOWED|INTERNAL_ERROR/),
      ]);
      answers.push(answer);
    }
    const [plain, slashed] = answers.map(({ status, body }) => [
      url,
      status,
      body.replaceAll(/[0-9a-f-]{36}/g, "id"),
    ]);
    expect(slashed).toEqual(plain);
  }
});

it("answers nobody but signed-in users where the contract says so", async () => {
  await using server = await startTestServer();
  for (const { endpoint } of listEndpoints()) {
    const { method, path } = endpoint.rest;
    const url = `/api/v1${path.replace(":tx_hash", "0x1")}`;
    const { status } = await send(server.url, { method, path: url });
    expect([method, url, status === 401]).toEqual([method, url, endpoint.access !== "public"]);
  }
});
