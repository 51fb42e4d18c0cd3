import { afterAll, beforeAll, expect, it } from "vitest";
import { sendJson, startTestServer, type TestServer, type WireResponse } from "../wire/start-test-server.ts";

type Fields = Readonly<Record<string, unknown>>;

const version = "2026-07-28";
const _meta = {
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const accept = "application/json, text/event-stream";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Calls a tool by the version without sessions, unless told otherwise. */
function callTool(name: string, changed: { readonly headers?: Fields; readonly params?: Fields } = {}) {
  const told = { accept, "mcp-protocol-version": version, "mcp-method": "tools/call", "mcp-name": name };
  const given = Object.entries({ ...told, ...changed.headers }).filter(([, value]) => value !== undefined);
  const headers = Object.fromEntries(given.map(([header, value]) => [header, String(value)]));
  const params = { name, arguments: {}, _meta, ...changed.params };
  const json = { jsonrpc: "2.0", id: 7, method: "tools/call", params };
  return sendJson(server.url, { path: "/mcp", headers, json });
}

const read = ({ body }: WireResponse) => JSON.parse(body) as { id: unknown; result: Fields; error: Fields };

it("gives the answer to a call at once to whoever has made it, however many there are", async () => {
  const people = await Promise.all(["ada", "eve"].map((name) => server.signUp(`${name}@example.org`)));
  const tokens = Array.from({ length: 20 }, (_, each) => people[each % 2]?.authorization);
  const answers = await Promise.all(
    tokens.map((authorization) => callTool("auth_me", { headers: { authorization } })),
  );
  const emails = answers.map((answer) => read(answer).result.structuredContent);
  expect(emails).toEqual(
    tokens.map((_, each) => expect.objectContaining({ email: `${each % 2 ? "eve" : "ada"}@example.org` })),
  );
});

it("answers calls of both versions with the same result, as JSON", async () => {
  const modern = await callTool("service_version");
  const headers = { "mcp-protocol-version": "2025-11-25", "mcp-method": undefined, "mcp-name": undefined };
  const legacy = await callTool("service_version", { headers, params: { _meta: undefined } });
  for (const { headers: sent } of [modern, legacy])
    expect(sent.get("content-type")).toContain("application/json");
  const { resultType, _meta: from, ...result } = read(modern).result;
  expect(read(legacy)).toEqual({ jsonrpc: "2.0", id: 7, result });
  expect({ resultType, from }).toMatchObject({
    resultType: "complete",
    from: { "io.modelcontextprotocol/serverInfo": { name: "obsqra" } },
  });
});

it.each<[string, Parameters<typeof callTool>[1], number]>([
  ["a header that names another tool", { headers: { "mcp-name": "auth_me" } }, -32_020],
  ["a header that names another method", { headers: { "mcp-method": "tools/list" } }, -32_020],
  ["no header with the method", { headers: { "mcp-method": undefined } }, -32_020],
  ["a header that names another version", { headers: { "mcp-protocol-version": "2025-11-25" } }, -32_020],
  ["facts that are missing", { params: { _meta: undefined } }, -32_602],
  ["arguments that are no object", { params: { arguments: [] } }, -32_602],
  ["a name that is none", { params: { name: 1 } }, -32_602],
])("refuses a call with %s, in the words of the protocol", async (_, changed, code) => {
  const { error, id } = read(await callTool("service_version", changed));
  expect({ id, code: error.code }).toEqual({ id: 7, code });
});

it.each<[string, object]>([
  ["resources/read", {}],
  ["prompts/get", { arguments: {} }],
  ["tools/list", { cursor: 1 }],
  ["initialize", { protocolVersion: "2025-11-25" }],
])("calls wrong parameters of %s what they are, and no fault of its own", async (method, params) => {
  const json = { jsonrpc: "2.0", id: "a", method, params };
  const { status, body } = await sendJson(server.url, { path: "/mcp", headers: { accept }, json });
  expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 400, id: "a", error: { code: -32_602 } });
  expect(JSON.parse(body).error.message).toMatch(/^Invalid params: params.\w+: /);
});
