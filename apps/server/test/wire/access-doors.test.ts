import {
  type Access,
  accessErrorCodes,
  type ErrorCode,
  isAgentTool,
  listCalls,
  problemStatus,
} from "@obsqra/contract";
import { sampleInput } from "@obsqra/contract/testing";
import { createStrangers, type Stranger } from "@obsqra/features/testing";
import { writeOperation } from "@obsqra/graphql/testing";
import { readToolAnswer, toMessage, writeToolCall } from "@obsqra/mcp/testing";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { sendJson, startTestServer, type TestServer } from "./start-test-server.ts";

/** What an endpoint refuses strangers with. */
const accessCodes = new Set(listCalls().flatMap(({ endpoint }) => accessErrorCodes(endpoint)));

let server: TestServer;
let strangers: readonly Stranger[];

beforeAll(async () => {
  server = await startTestServer();
  strangers = await createStrangers(server.api);
});
afterAll(() => server[Symbol.asyncDispose]());

it("refuses strangers every tool as its endpoint does, and nobody a tool that is open to them", async () => {
  const tools = listCalls().filter(isAgentTool);
  expect(tools.length).toBeGreaterThan(20);
  for (const [index, { path, endpoint }] of tools.entries()) {
    const call = writeToolCall(path);
    const message = call?.toMessage(sampleInput(endpoint.input));
    for (const stranger of someOf(strangers, index)) {
      const response = await send("/mcp", { ...message, stranger });
      const { problem, error } = readToolAnswer(response.body);
      const code = refusalAtMcp(stranger, endpoint.access);
      const told = accessCodes.has(problem?.code as ErrorCode) ? problem?.code : undefined;
      expect([path, stranger.name, error, told]).toEqual([path, stranger.name, undefined, code]);
      if (code === undefined) continue;
      // Agents ask for a key where there is none, and for more where theirs is not for this.
      const asksForKey = problemStatus(code) === 401;
      expect([path, stranger.name, response.status]).toEqual([path, stranger.name, asksForKey ? 401 : 200]);
      expect(response.headers.get("www-authenticate")?.startsWith("Bearer ") ?? false).toBe(asksForKey);
    }
  }
});

it("has no tool for any other endpoint, whoever asks for it", async () => {
  const others = listCalls().filter((named) => !isAgentTool(named));
  expect(others.length).toBeGreaterThan(20);
  const { authorization } = await server.signUp("someone@example.org");
  for (const { path, endpoint } of others) {
    for (const name of [path, path.replace(".", "_")]) {
      const message = toMessage(name, sampleInput(endpoint.input));
      const headers = { ...message.headers, authorization };
      const { body } = await sendJson(server.url, { path: "/mcp", headers, json: message.json });
      expect([name, readToolAnswer(body).error?.code]).toEqual([name, -32_602]);
    }
  }
});

it("refuses strangers every field of GraphQL as its endpoint does, and says nothing else", async () => {
  for (const [index, { path, endpoint }] of listCalls().entries()) {
    const { query, toVariables, read } = writeOperation(path);
    const json = { query, variables: toVariables(sampleInput(endpoint.input)) };
    if (endpoint.access === "public") continue;
    for (const stranger of someOf(strangers, index)) {
      const code = stranger.refusal(endpoint.access);
      if (code === undefined) continue;
      const response = await send("/graphql", { json, stranger });
      const { problem, output } = read(JSON.parse(response.body));
      expect([path, stranger.name, problem?.code, output]).toEqual([path, stranger.name, code, undefined]);
      const isChallenged = problemStatus(code) === 401;
      expect(response.headers.get("www-authenticate")?.startsWith("Bearer ") ?? false).toBe(isChallenged);
    }
  }
});

/** In the short form, every endpoint meets some, and everybody is at some: the matrix in process has tried all of them at all. */
function someOf(all: readonly Stranger[], index: number): readonly Stranger[] {
  return inject("isLong") ? all : all.filter((_, each) => each % 6 === index % 6);
}

/** The key of an agent is taken here, and there alone. */
function refusalAtMcp({ name, refusal }: Stranger, access: Access): ErrorCode | undefined {
  return access === "public" || name === "a key of an agent away from /mcp" ? undefined : refusal(access);
}

interface Asked {
  readonly json?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stranger: Stranger;
}

function send(path: string, { json = {}, headers, stranger: { accessToken } }: Asked) {
  const bearer = accessToken !== undefined && { authorization: `Bearer ${accessToken}` };
  return sendJson(server.url, { path, headers: { ...headers, ...bearer }, json });
}
