import { foundOrganisation } from "@obsqra/features/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { send, sendJson, startTestServer, type TestServer } from "./start-test-server.ts";

/** By which header, cookie or field somebody may try to say for whom a call is. */
type Said = Readonly<Record<string, string>>;

let server: TestServer;
let authorization: string;
let owner: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ authorization } = await server.signUp("ada@example.org"));
  owner = await foundOrganisation(server.api, authorization.replace("Bearer ", ""));
  const organisation = { authorization, "obsqra-owner": owner };
  await sendJson(server.url, {
    method: "PUT",
    path: "/api/v1/users/preferences",
    headers: organisation,
    json: { risk_tolerance: "low" },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Asks for the preferences in each way; those of the organisation are `low`, the user's own `medium`. */
const ways: Readonly<Record<string, (said: Said) => Promise<string>>> = {
  REST: async (said) => {
    const headers = { authorization, ...said };
    return (await send(server.url, { path: "/api/v1/users/preferences", headers })).body;
  },
  tRPC: async (said) => {
    const headers = { authorization, ...said };
    return (await send(server.url, { path: "/trpc/users.preferences", headers })).body;
  },
  "a batch of tRPC": async (said) => {
    const headers = { authorization, ...said };
    const path = "/trpc/users.preferences,users.preferences?batch=1&input=%7B%7D";
    return (await send(server.url, { path, headers })).body;
  },
  GraphQL: async (said) => {
    const headers = { authorization, ...said };
    const json = { query: "{ users_preferences { risk_tolerance } }" };
    return (await sendJson(server.url, { method: "POST", path: "/graphql", headers, json })).body;
  },
};

it.each(Object.keys(ways))(
  "is said by a header over %s, and by nothing that a browser adds by itself",
  async (way) => {
    const ask = ways[way] ?? expect.fail(way);
    expect(await ask({})).toContain("medium");
    expect(await ask({ "obsqra-owner": owner })).toContain("low");
    expect(await ask({ "Obsqra-Owner": owner.toUpperCase() })).toContain("low");
    expect(await ask({ cookie: `Obsqra-Owner=${owner}; owner=${owner}` })).toContain("medium");
    expect(await ask({ "obsqra-owner": server.api.deps.createId() })).toContain("ORGANISATION_NOT_FOUND");
    expect(await ask({ "obsqra-owner": "" })).toContain("ORGANISATION_NOT_FOUND");
  },
);

it("is not taken from the query of a URL, nor from a body", async () => {
  const inQuery = await send(server.url, {
    path: `/api/v1/users/preferences?owner=${owner}&obsqra-owner=${owner}`,
    headers: { authorization },
  });
  expect(inQuery.body).not.toContain("low");
});

it("is said over /mcp, too", async () => {
  const call = async (said: Said) =>
    (
      await sendJson(server.url, {
        method: "POST",
        path: "/mcp",
        headers: { authorization, accept: "application/json, text/event-stream", ...said },
        json: {
          jsonrpc: "2.0",
          id: 1,
          method: "tools/call",
          params: { name: "users_preferences", arguments: {} },
        },
      })
    ).body;
  expect(await call({})).toContain("medium");
  expect(await call({ "obsqra-owner": owner })).toContain("low");
  expect(await call({ "obsqra-owner": server.api.deps.createId() })).toContain("ORGANISATION_NOT_FOUND");
});

it("is said once for all calls of a WebSocket, where browsers send no headers", async () => {
  const follow = async (params: Said) => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/trpc?connectionParams=1`);
    await new Promise((resolve) => socket.once("open", resolve));
    const messages = new Promise<string>((resolve) => {
      socket.on("message", (data) => {
        const text = String(data);
        if (text.includes('"data"') || text.includes("error")) resolve(text);
      });
    });
    socket.send(JSON.stringify({ method: "connectionParams", data: { authorization, ...params } }));
    socket.send(JSON.stringify({ id: 1, method: "subscription", params: { path: "events.follow" } }));
    const message = await messages;
    socket.close();
    return message;
  };
  expect(await follow({ "obsqra-owner": owner })).toContain("stream.opened");
  for (const name of ["obsqra-owner", "Obsqra-Owner", "OBSQRA-OWNER"]) {
    expect(await follow({ [name]: server.api.deps.createId() })).toContain("ORGANISATION_NOT_FOUND");
  }
});
