import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { agentScopes, listEndpoints } from "@obsqra/contract";
import { agentParameters, letAgentIn } from "@obsqra/features/testing";
import { createCallLimiter, createLimitPolicies } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { callEndpoint, readOutput } from "../wire/call-endpoint.ts";
import { send, sendJson, startTestServer, type TestServer } from "../wire/start-test-server.ts";

/** Where the service is, as its users see it. */
const publicUrl = "http://localhost:8000";
const callback = "http://localhost:7777/callback";

type Fields = Readonly<Record<string, unknown>>;

let server: TestServer;
let session: string;

beforeAll(async () => {
  server = await startTestServer({ withForecasts: true });
  const { authorization } = await server.signUp("ada@example.org");
  session = authorization.replace("Bearer ", "");
});
afterAll(() => server[Symbol.asyncDispose]());

/** Goes to the server of the test in the place of the public one. */
const toServer: typeof fetch = (input, init) => {
  const url = String(input instanceof Request ? input.url : input);
  return fetch(url.replace(publicUrl, server.url), init);
};

/** An agent's memory, and its user's browser. */
function createAgent(scope?: string) {
  const kept: Record<string, unknown> = {};
  const opened: URL[] = [];
  const keep = (name: string) => (value: unknown) => {
    kept[name] = value;
  };
  // What is read is what was kept under the same name.
  const read = <TValue>(name: string) => kept[name] as TValue;
  const provider: OAuthClientProvider = {
    redirectUrl: callback,
    clientMetadata: {
      client_name: "Scripted agent",
      redirect_uris: [callback],
      token_endpoint_auth_method: "none",
      ...(scope !== undefined && { scope }),
    },
    state: () => "its own",
    clientInformation: () => read("client"),
    saveClientInformation: keep("client"),
    tokens: () => read("tokens"),
    saveTokens: keep("tokens"),
    saveCodeVerifier: keep("verifier"),
    codeVerifier: () => read<string>("verifier"),
    discoveryState: () => read("discovery"),
    saveDiscoveryState: keep("discovery"),
    invalidateCredentials: () => keep("tokens")(undefined),
    redirectToAuthorization: (url) => void opened.push(url),
  };
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(`${publicUrl}/mcp`), {
      authProvider: provider,
      fetch: toServer,
    });
  const tokens = () => read<{ access_token: string; refresh_token: string; scope: string }>("tokens");
  return { provider, opened, transport, tokens, keep };
}

/** What the browser of the agent's user does: comes to the page that asks, and lets the agent in. */
async function letIn(opened: URL): Promise<URL> {
  const asked = await toServer(opened.href, { redirect: "manual" });
  expect(asked.status).toBe(302);
  const page = new URL(asked.headers.get("location") ?? "");
  expect(page.origin + page.pathname).toBe(`${publicUrl}/account/agent`);
  const input = { request: page.searchParams.get("request") };
  const call = { protocol: "rest", path: "auth.allow_agent", input, bearer: session } as const;
  const { redirect_to } = readOutput<{ redirect_to: string }>(await callEndpoint(server.url, call), "rest");
  return new URL(redirect_to);
}

async function connect(transport: StreamableHTTPClientTransport) {
  const client = new Client({ name: "scripted", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** Connects an agent, has it asked for, and let in. */
async function signIn(agent: ReturnType<typeof createAgent>) {
  const transport = agent.transport();
  await using stranger = await connect(transport);
  await expect(stranger.callTool({ name: "users_profile" })).rejects.toThrow(UnauthorizedError);
  const [opened] = agent.opened;
  if (opened === undefined) throw new Error("The agent has opened no page.");
  const back = await letIn(opened);
  expect(back.origin + back.pathname).toBe(callback);
  expect(back.searchParams.get("state")).toBe("its own");
  await transport.finishAuth(back.searchParams);
}

it("lets an agent with the official client in by OAuth, which then knows what REST knows", async () => {
  const agent = createAgent();
  await signIn(agent);
  await using client = await connect(agent.transport());
  const ask = async (name: string, input: Fields) => {
    const { structuredContent, isError = false } = await client.callTool({ name, arguments: { ...input } });
    expect([name, isError]).toEqual([name, false]);
    return structuredContent as Record<string, unknown> & { items: Record<string, unknown>[] };
  };
  const knows = async (path: string, input: Fields) => {
    const rest = listEndpoints().find((each) => each.path === path)?.endpoint.rest;
    const query = new URLSearchParams(
      Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const { status, body } = await send(server.url, {
      path: `/api/v1${rest?.path}?${query}`,
      headers: { authorization: `Bearer ${session}` },
    });
    expect([path, status]).toEqual([path, 200]);
    return JSON.parse(body) as Awaited<ReturnType<typeof ask>>;
  };
  const market_id = "simulated:nostra:usdc";
  const questions: readonly [
    question: string,
    path: string,
    input: Fields,
    answer: (known: Awaited<ReturnType<typeof ask>>) => unknown,
  ][] = [
    ["Who am I?", "users.profile", {}, ({ email }) => email],
    ["Which version is this?", "service.version", {}, ({ version }) => version],
    ["What does USDC at Nostra pay?", "analytics.markets", { market_id }, ({ items }) => items[0]?.apy],
    ["How risky is it?", "analytics.markets", { market_id }, ({ items }) => items[0]?.risk_score],
    ["How many markets are there?", "analytics.overview", { days: 7 }, (known) => known],
    ["What will Ekubo pay?", "predictions.yield_forecast", { protocol: "ekubo" }, ({ items }) => items[0]],
    ["How risky will it be?", "predictions.risk_forecast", { protocol: "ekubo" }, ({ items }) => items[0]],
    ["How often did that come true?", "predictions.track_record", {}, (known) => known],
    ["What have I done?", "transactions.list", {}, ({ items }) => items],
    ["What do I hold?", "analytics.dashboard", {}, (known) => known],
  ];
  expect(questions).toHaveLength(10);
  for (const [question, path, input, answer] of questions) {
    const told = answer(await ask(path.replace(".", "_"), input));
    expect([question, told]).toEqual([question, answer(await knows(path, input))]);
    expect([question, told]).not.toEqual([question, undefined]);
  }
});

it("renews an agent's key without its user, and asks again once the user has ended it", async () => {
  const agent = createAgent();
  await signIn(agent);
  const before = agent.tokens();
  server.api.clock.advance(60 * 60_000);
  await using client = await connect(agent.transport());
  expect((await client.callTool({ name: "users_profile" })).isError).toBeFalsy();
  expect(agent.tokens().access_token).not.toBe(before.access_token);
  expect(agent.tokens().refresh_token).not.toBe(before.refresh_token);
  expect(agent.opened).toHaveLength(1);
  await server.api.deps.db.updateTable("api_keys").set({ revoked_at: server.api.clock() }).execute();
  await expect(client.callTool({ name: "users_profile" })).rejects.toThrow(UnauthorizedError);
  expect(agent.opened).toHaveLength(2);
});

it("says where a key is got, and which scope a call lacks", async () => {
  const call = (name: string, token?: string) =>
    sendJson(server.url, {
      path: "/mcp",
      headers: {
        accept: "application/json, text/event-stream",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      json: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } },
    });
  const where = `resource_metadata="${publicUrl}/.well-known/oauth-protected-resource/mcp"`;
  const stranger = await call("users_profile");
  expect(stranger.status).toBe(401);
  expect(stranger.headers.get("www-authenticate")).toBe(
    `Bearer realm="obsqra", ${where}, scope="${agentScopes().join(" ")}"`,
  );
  const unknown = await call("users_profile", "obsqra_agent_unknown");
  expect(unknown.status).toBe(401);
  expect(unknown.headers.get("www-authenticate")).toContain('error="invalid_token"');
  const ada = await server.api.signUp();
  const parameters = { ...agentParameters(server.api), scope: "analytics:read" };
  const { access_token } = await letAgentIn(server.api, ada, parameters);
  const beyond = await call("transactions_list", access_token);
  expect(beyond.status).toBe(403);
  expect(beyond.headers.get("www-authenticate")).toBe(
    `Bearer realm="obsqra", error="insufficient_scope", ${where}, scope="transactions:read"`,
  );
  expect((await call("analytics_dashboard", access_token)).status).toBe(200);
  // What agents hold is taken at /mcp alone.
  const headers = { authorization: `Bearer ${access_token}` };
  for (const path of ["/api/v1/analytics/dashboard", "/trpc/analytics.dashboard"]) {
    expect([path, (await send(server.url, { path, headers })).status]).toEqual([path, 401]);
  }
  const query = { query: "{ analytics_dashboard { total_value_usd } }" };
  const graphql = await sendJson(server.url, { path: "/graphql", headers, json: query });
  expect(graphql.body).not.toContain('total_value_usd":');
  // What is public needs none.
  expect((await call("service_version")).status).toBe(200);
});

it("describes itself as the standards have it, and gives nothing away to caches", async () => {
  const read = async (path: string) => JSON.parse((await send(server.url, { path })).body);
  const resource = await read("/.well-known/oauth-protected-resource/mcp");
  expect(resource).toMatchObject({ resource: `${publicUrl}/mcp`, authorization_servers: [publicUrl] });
  expect(await read("/.well-known/oauth-authorization-server")).toMatchObject({
    issuer: publicUrl,
    code_challenge_methods_supported: ["S256"],
    client_id_metadata_document_supported: true,
  });
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const post = (path: string, body: string) =>
    send(server.url, { method: "POST", path, headers: form, body });
  const wrong = await post("/oauth/token", "grant_type=refresh_token&refresh_token=x&client_id=y");
  expect([wrong.status, JSON.parse(wrong.body).error]).toEqual([400, "invalid_grant"]);
  expect(wrong.headers.get("cache-control")).toBe("no-store");
  const twice = await post("/oauth/token", "grant_type=refresh_token&grant_type=refresh_token");
  expect(JSON.parse(twice.body).error).toBe("invalid_request");
  expect((await post("/oauth/revoke", "token=unknown")).status).toBe(200);
  const json = { redirect_uris: ["agent://callback"] };
  const refused = await sendJson(server.url, { path: "/oauth/register", json });
  expect([refused.status, JSON.parse(refused.body).error]).toEqual([400, "invalid_redirect_uri"]);
});

it.each([
  [
    "a form of another type",
    "/oauth/token",
    "application/json",
    "{}",
    415,
    "Send the body as application/x-www-form-urlencoded.",
  ],
  [
    "a document that is a form",
    "/oauth/register",
    "application/x-www-form-urlencoded",
    "a=b",
    415,
    "Send the body as application/json.",
  ],
  [
    "a form without end",
    "/oauth/token",
    "application/x-www-form-urlencoded",
    `a=${"b".repeat(20_000)}`,
    413,
    "The body has more than 16 KiB.",
  ],
])(
  "says in the words of OAuth what it does not read: %s",
  async (_, path, type, body, status, description) => {
    const refused = await send(server.url, { method: "POST", path, headers: { "content-type": type }, body });
    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.body)).toEqual({ error: "invalid_request", error_description: description });
  },
);

it("sends nobody to an address that the agent has not named", async () => {
  const json = { redirect_uris: [callback] };
  const { body } = await sendJson(server.url, { path: "/oauth/register", json });
  const { client_id } = JSON.parse(body);
  const parameters = { client_id, redirect_uri: "https://eve.example/", response_type: "token" };
  const asked = await send(server.url, { path: `/oauth/authorize?${new URLSearchParams(parameters)}` });
  expect([asked.status, asked.headers.get("location")]).toEqual([400, null]);
  const refuse = await send(server.url, { path: "/oauth/refuse?request=made.up" });
  expect([refuse.status, refuse.headers.get("location")]).toEqual([400, null]);
});

it("counts what agents send against the limit of their address, and refuses what is no form", async () => {
  const policies = createLimitPolicies({ ipPerMinute: 11 });
  await using limited = await startTestServer({
    createCallLimiter: (deps) => createCallLimiter({ ...deps, policies }),
  });
  const post = (type: string) =>
    send(limited.url, {
      method: "POST",
      path: "/oauth/token",
      headers: { "content-type": type },
      body: "grant_type=password",
    });
  const form = "application/x-www-form-urlencoded";
  expect(JSON.parse((await post(form)).body)).toMatchObject({ error: "unsupported_grant_type" });
  expect((await post("text/plain")).status).toBe(415);
  const refused = await post(form);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.body).toContain("RATE_LIMITED");
});
