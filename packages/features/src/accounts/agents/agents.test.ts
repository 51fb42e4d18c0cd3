import { agentScopes, apiKeysMax } from "@obsqra/contract";
import { expect, it } from "vitest";
import {
  agentParameters,
  agentVerifier,
  askAsAgent,
  codeOf,
  createTestApi,
  letAgentIn,
  readMails,
  signUpVerified,
  type TestApi,
  testAgent,
} from "../../testing/index.ts";
import { keyEvents, report } from "../../testing/key-events.ts";
import { readAgentRequest } from "./agent-request.ts";
import { giveUpAgentTokens, renewAgentTokens } from "./agent-tokens.service.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const audience = "http://localhost:8000/mcp";

/** What somebody with a token of an agent gets at `/mcp`. */
const atMcp = (api: TestApi, token: string) => codeOf(api.caller(token, { audience }).users.profile());

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: { error?: unknown }) => error.error,
  );

const exchange = (api: TestApi, form: object) => renewAgentTokens(testAgent(api), form);

it("gives an agent a key for /mcp alone, with the scopes that it asked for", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const tokens = await letAgentIn(api, ada, { ...agentParameters(api), scope: "users:read analytics:read" });
  expect(tokens).toMatchObject({
    token_type: "Bearer",
    expires_in: 3600,
    scope: "users:read analytics:read",
  });
  expect(tokens.access_token).toMatch(/^obsqra_agent_[0-9a-f]{8}_[\w-]{43}$/);
  expect(await atMcp(api, tokens.access_token)).toBeUndefined();
  const elsewhere = [undefined, "http://localhost:8000", `${audience}/`, "http://localhost:8001/mcp"];
  for (const other of elsewhere) {
    const call = api.caller(tokens.access_token, { audience: other }).users.profile();
    expect([other, await codeOf(call)]).toEqual([other, "API_KEY_INVALID"]);
  }
  const caller = api.caller(tokens.access_token, { audience });
  expect(await codeOf(caller.transactions.list())).toBe("SCOPE_MISSING");
  expect(await codeOf(caller.auth.api_keys())).toBe("SESSION_REQUIRED");
  // Keys that people make go on working everywhere.
  const { key } = await ada.auth.create_api_key(report);
  expect(await atMcp(api, key)).toBeUndefined();
});

it("gives an agent no more than its user leaves ticked, and never what it has not asked for", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { client_id = "", ...parameters } = agentParameters(api);
  const asked = "users:read analytics:read predictions:read";
  const request = await askAsAgent(api, { client_id, ...parameters, scope: asked });
  const scopes = ["transactions:read", "users:read"] as const;
  expect(await codeOf(ada.auth.allow_agent({ request, scopes: [...scopes] }))).toBe("VALIDATION_FAILED");
  expect(await codeOf(ada.auth.allow_agent({ request, scopes: [] }))).toBe("VALIDATION_FAILED");
  const { redirect_to } = await ada.auth.allow_agent({ request, scopes: ["analytics:read", "users:read"] });
  const code = new URL(redirect_to).searchParams.get("code");
  const form = { grant_type: "authorization_code", code, code_verifier: agentVerifier, client_id };
  const { access_token, scope } = await exchange(api, form);
  expect(scope).toBe("users:read analytics:read");
  const { items } = await ada.auth.api_keys();
  expect(items[0]?.scopes).toEqual(["users:read", "analytics:read"]);
  const agent = api.caller(access_token, { audience });
  expect(await codeOf(agent.users.profile())).toBeUndefined();
  expect(await codeOf(agent.predictions.rebalance_suggestions())).toBe("SCOPE_MISSING");
});

it("never lets agents change credentials, or log money", () => {
  expect(agentScopes()).toEqual([
    "users:read",
    "analytics:read",
    "predictions:read",
    "predictions:write",
    "transactions:read",
  ]);
});

it("asks for a recent sign-in, and takes only what the service has found good, for ten minutes", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const request = await askAsAgent(api);
  const [shown = "", seal = ""] = request.split(".");
  const { state, ...read } = JSON.parse(Buffer.from(shown, "base64url").toString());
  const changed = Buffer.from(JSON.stringify({ ...read, state, redirect_uri: "https://eve.example/" }));
  for (const text of ["x", shown, `${shown}.`, `${changed.toString("base64url")}.${seal}`]) {
    expect(await codeOf(ada.auth.allow_agent({ request: text }))).toBe("AGENT_REQUEST_INVALID");
  }
  api.clock.advance(10 * minuteMs);
  expect(await codeOf(ada.auth.allow_agent({ request }))).toBe("AGENT_REQUEST_INVALID");
  api.clock.advance(1);
  const newer = await askAsAgent(api);
  expect(await codeOf(ada.auth.allow_agent({ request: newer }))).toBe("REAUTHENTICATION_NEEDED");
  const { key } = await (await api.signUp()).auth.create_api_key(report);
  expect(await codeOf(api.caller(key).auth.allow_agent({ request: newer }))).toBe("SESSION_REQUIRED");
});

it("takes a code once, within a minute, from the agent that asked", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { client_id = "", ...parameters } = agentParameters(api);
  const askForCode = async () => {
    const request = await askAsAgent(api, { client_id, ...parameters });
    const { redirect_to } = await ada.auth.allow_agent({ request });
    const { searchParams } = new URL(redirect_to);
    expect(searchParams.get("state")).toBe("as it came");
    expect(searchParams.get("iss")).toBe("http://localhost:8000");
    const code = searchParams.get("code");
    return { grant_type: "authorization_code", code, code_verifier: agentVerifier, client_id };
  };
  const form = await askForCode();
  const others = [
    { ...form, code_verifier: "w".repeat(43) },
    { ...form, client_id: agentParameters(api).client_id },
    { ...form, redirect_uri: "http://127.0.0.1/other" },
    { grant_type: "refresh_token", refresh_token: form.code, client_id },
  ];
  for (const other of others) expect(await refusal(exchange(api, other))).toBe("invalid_grant");
  const elsewhere = { ...form, resource: "http://localhost:8000" };
  expect(await refusal(exchange(api, elsewhere))).toBe("invalid_target");
  expect(await refusal(exchange(api, { ...form, code_verifier: undefined }))).toBe("invalid_request");
  expect(await refusal(exchange(api, { grant_type: "password" }))).toBe("unsupported_grant_type");
  expect(await refusal(exchange(api, {}))).toBe("invalid_request");

  const answers = await Promise.allSettled([1, 2, 3].map(() => exchange(api, form)));
  const [given, ...more] = answers.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  expect(more).toEqual([]);
  // Whoever sends it again has stolen it, or was stolen from; also who does so at the same moment.
  expect(given).toBeDefined();
  expect(await atMcp(api, given?.access_token ?? "")).toBe("API_KEY_INVALID");

  const once = await askForCode();
  const first = await exchange(api, once);
  expect(await atMcp(api, first.access_token)).toBeUndefined();
  expect(await refusal(exchange(api, once))).toBe("invalid_grant");
  expect(await atMcp(api, first.access_token)).toBe("API_KEY_INVALID");

  const late = await askForCode();
  api.clock.advance(minuteMs);
  expect(await refusal(exchange(api, late))).toBe("invalid_grant");
});

it("renews a key by a refresh token once, and ends the access where one comes again", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { client_id, ...first } = await letAgentIn(api, ada);
  const refresh = (refresh_token: string) =>
    exchange(api, { grant_type: "refresh_token", refresh_token, client_id });
  api.clock.advance(60 * minuteMs);
  expect(await atMcp(api, first.access_token)).toBe("API_KEY_INVALID");
  const second = await refresh(first.refresh_token);
  expect(await atMcp(api, second.access_token)).toBeUndefined();
  // Sent twice at once.
  expect(await refusal(refresh(first.refresh_token))).toBe("invalid_grant");
  expect(await atMcp(api, second.access_token)).toBeUndefined();
  const third = await refresh(second.refresh_token);
  expect(await atMcp(api, second.access_token)).toBe("API_KEY_INVALID");
  api.clock.advance(10_001);
  expect(await refusal(refresh(second.refresh_token))).toBe("invalid_grant");
  expect(await atMcp(api, third.access_token)).toBe("API_KEY_INVALID");
  expect(await refusal(refresh(third.refresh_token))).toBe("invalid_grant");
  expect((await keyEvents(api)).at(-1)).toMatchObject({
    type: "api_key_revoked",
    details: { reason: "refresh token replayed" },
  });
});

it("asks the user again after 90 days, and an agent that has not come for 30", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { client_id, ...busy } = await letAgentIn(api, ada);
  const idle = await letAgentIn(api, ada);
  const refresh = (refresh_token: string, by = client_id) =>
    exchange(api, { grant_type: "refresh_token", refresh_token, client_id: by });
  let { refresh_token } = busy;
  for (const day of [29, 58, 87]) {
    api.clock.advance(29 * dayMs);
    ({ refresh_token } = await refresh(refresh_token));
    if (day === 58) expect(await refusal(refresh(idle.refresh_token, idle.client_id))).toBe("invalid_grant");
  }
  api.clock.advance(3 * dayMs);
  expect(await refusal(refresh(refresh_token))).toBe("invalid_grant");
});

it("lists agents with the keys of their user, who ends them there, and tells of them by mail and in the log", async () => {
  await using api = await createTestApi();
  const ada = await signUpVerified(api, "ada@example.org");
  const { access_token, refresh_token, client_id } = await letAgentIn(api, ada);
  const [listed] = (await ada.auth.api_keys()).items;
  expect(listed).toMatchObject({
    name: "Test agent",
    scopes: agentScopes(),
    agent: { client_host: null, redirect_host: "127.0.0.1" },
    expires_at: new Date(api.clock().getTime() + 90 * dayMs).toISOString(),
  });
  const mail = (await readMails(api)).find(({ template }) => template === "api_key_created");
  expect(mail).toMatchObject({ to: "ada@example.org", agent_host: "127.0.0.1", prefix: listed?.prefix });
  expect(await keyEvents(api)).toMatchObject([
    {
      type: "api_key_created",
      details: { name: "Test agent", client_host: null, redirect_host: "127.0.0.1" },
    },
  ]);
  await ada.auth.revoke_api_key({ api_key_id: listed?.id ?? "" });
  expect(await atMcp(api, access_token)).toBe("API_KEY_INVALID");
  const form = { grant_type: "refresh_token", refresh_token, client_id };
  expect(await refusal(exchange(api, form))).toBe("invalid_grant");
});

it("ends its access when an agent gives up its key, or what would renew it", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  for (const name of ["access_token", "refresh_token"] as const) {
    const tokens = await letAgentIn(api, ada);
    await giveUpAgentTokens(testAgent(api), tokens[name]);
    await giveUpAgentTokens(testAgent(api), tokens[name]);
    expect(await atMcp(api, tokens.access_token)).toBe("API_KEY_INVALID");
  }
  // An owner's key is no agent's to end.
  const { key } = await ada.auth.create_api_key(report);
  await giveUpAgentTokens(testAgent(api), key);
  expect(await codeOf(api.caller(key).users.profile())).toBeUndefined();
  expect((await keyEvents(api)).filter(({ type }) => type === "api_key_revoked")).toHaveLength(2);
});

it("counts agents among the keys that a user may have", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  for (let count = 1; count < apiKeysMax; count++) await ada.auth.create_api_key(report);
  await letAgentIn(api, ada);
  const request = await askAsAgent(api);
  expect(await codeOf(ada.auth.allow_agent({ request }))).toBe("API_KEY_LIMIT_REACHED");
});

it("keeps hashes only", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { access_token, refresh_token, code } = await letAgentIn(api, ada);
  const rows = [
    await api.deps.db.selectFrom("api_keys").selectAll().execute(),
    await api.deps.db.selectFrom("agent_tokens").selectAll().execute(),
    await keyEvents(api),
    api.logged,
  ];
  const text = JSON.stringify(rows);
  for (const secret of [access_token.slice(22), refresh_token, code]) expect(text).not.toContain(secret);
});

it.each<[string, Readonly<Record<string, string | undefined>>, string]>([
  ["no challenge", { code_challenge: undefined }, "invalid_request"],
  ["a challenge in plain text", { code_challenge_method: "plain" }, "invalid_request"],
  ["another kind of response", { response_type: "token" }, "unsupported_response_type"],
  ["another resource", { resource: "http://localhost:8000/" }, "invalid_target"],
  ["no scope that agents get", { scope: "transactions:write webhooks:write" }, "invalid_scope"],
  ["a state without end", { state: "x".repeat(2_000) }, "invalid_request"],
])("sends the browser back with a refusal of %s", async (_, parameters, error) => {
  await using api = await createTestApi();
  const asked = await readAgentRequest(api.deps, { ...agentParameters(api), ...parameters });
  const { searchParams } = new URL("refusedTo" in asked ? asked.refusedTo : "none:");
  expect(searchParams.get("error")).toBe(error);
  expect(searchParams.get("code")).toBeNull();
});
