import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { listEndpoints } from "@obsqra/contract";
import { createCallLimiter, createLimitPolicies } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readStream } from "../streams/read-stream.ts";
import { sendJson, startTestServer, type TestServer, type WireResponse } from "../wire/start-test-server.ts";

let server: TestServer;
let ada: string;

beforeAll(async () => {
  server = await startTestServer({ withForecasts: true });
  ({ authorization: ada } = await server.signUp("ada@example.org"));
});
afterAll(() => server[Symbol.asyncDispose]());

interface Sent {
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly to?: TestServer;
}

function ask(json: object, { authorization, headers, to = server }: Sent = {}): Promise<WireResponse> {
  const sent = { ...headers, ...(authorization !== undefined && { authorization }) };
  return sendJson(to.url, { path: "/graphql", headers: sent, json });
}

/** Of a response without data, what was wrong. */
function issuesOf({ body }: WireResponse): { path: string; message: string }[] {
  const { errors } = JSON.parse(body) as {
    errors: { extensions: { code: string; details: { issues: { path: string; message: string }[] } } }[];
  };
  expect(errors).toMatchObject([{ extensions: { code: "VALIDATION_FAILED" } }]);
  return errors[0]?.extensions.details.issues ?? [];
}

it("gives a connection whose pages follow each other, with what the list says besides", async () => {
  const query = `query ($after: String) {
    predictions_yield_forecast(first: 3, after: $after) {
      ... on YieldForecastConnection {
        data_source { simulated }
        edges { cursor node { protocol apy } }
        nodes { id }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;
  const protocols: string[] = [];
  let after: string | null = null;
  do {
    const { body } = await ask({ query, variables: { after } });
    const { edges, nodes, pageInfo, data_source } = JSON.parse(body).data.predictions_yield_forecast;
    expect(data_source).toEqual({ simulated: true });
    expect(nodes).toHaveLength(edges.length);
    expect(edges.at(-1).cursor).toBe(pageInfo.endCursor);
    protocols.push(...edges.map(({ node }: { node: { protocol: string } }) => node.protocol));
    expect(pageInfo.hasNextPage).toBe(pageInfo.endCursor !== null);
    after = pageInfo.endCursor;
  } while (after !== null);
  expect(protocols).toEqual(["ekubo", "nostra", "vesu", "zklend"]);
});

it("takes null for what may be left out, as clients send it, and keeps it where it says something", async () => {
  const query = `mutation ($hash: Felt!, $details: Json) {
    transactions_create(tx_hash: $hash, tx_type: deposit, amount: "1", details: $details, suggestion_id: null) {
      ... on Transaction { details suggestion_id }
      ... on Problem { code detail }
    }
  }`;
  const variables = { hash: "0xabc", details: { note: null } };
  const { body } = await ask({ query, variables }, { authorization: ada });
  expect(JSON.parse(body)).toEqual({
    data: { transactions_create: { details: { note: null }, suggestion_id: null } },
  });
  const list = `{ transactions_list(first: null, after: null, tx_type: null) { __typename ... on Problem { code } } }`;
  expect(JSON.parse((await ask({ query: list }, { authorization: ada })).body)).toEqual({
    data: { transactions_list: { __typename: "TransactionsConnection" } },
  });
});

it("tells what is wrong in a sentence, and repeats no more of a value than it takes to find it", async () => {
  for (const value of [`"${"a".repeat(20_000)}"`, `${"[".repeat(300)}${"]".repeat(300)}`]) {
    const response = await ask({ query: `{ predictions_yield_forecast(first: ${value}) { __typename } }` });
    expect(response.status).toBe(400);
    expect(response.body.length).toBeLessThan(2_000);
  }
  const { body } = await ask({ query: "{ nonesuch }" });
  expect(JSON.parse(body).errors[0].message).not.toContain("..");
});

it("gives errors that an endpoint declares as results, and others beside the data", async () => {
  const query = `{
    unknown: predictions_yield_forecast(protocol: "nonesuch") {
      ... on Problem { code detail }
      ... on ProtocolUnknownProblem { details { known } }
    }
    service_version { version }
    auth_me { email }
  }`;
  const { status, body, headers } = await ask({ query });
  const { data, errors } = JSON.parse(body);
  expect(status).toBe(200);
  expect(data).toMatchObject({
    unknown: { code: "PROTOCOL_UNKNOWN", details: { known: expect.arrayContaining(["nostra"]) } },
    service_version: { version: expect.any(String) },
    auth_me: null,
  });
  expect(errors).toMatchObject([
    {
      path: ["auth_me"],
      extensions: { code: "UNAUTHENTICATED", status: 401, request_id: headers.get("x-request-id") },
    },
  ]);
  expect(headers.get("www-authenticate")).toContain("Bearer");
  const allowed = await ask({ query: "{ auth_me { email } }" }, { authorization: ada });
  expect(JSON.parse(allowed.body)).toEqual({ data: { auth_me: { email: "ada@example.org" } } });
});

it("checks amounts, felts and moments by the contract before anything is called", async () => {
  const query = `mutation ($hash: Felt!, $amount: Amount!) {
    transactions_create(tx_hash: $hash, tx_type: deposit, amount: $amount) { __typename }
  }`;
  for (const [variables, told] of [
    [{ hash: "0x1", amount: "1e3" }, "plain decimal"],
    [{ hash: "hash", amount: "1" }, "hash"],
  ] as const) {
    const response = await ask({ query, variables }, { authorization: ada });
    expect(response.status).toBe(400);
    expect(issuesOf(response)).toMatchObject([{ path: "variables", message: expect.stringContaining(told) }]);
  }
  const moment = `{ predictions_models(live_at: "yesterday") { __typename } }`;
  expect(issuesOf(await ask({ query: moment }))).toMatchObject([{ path: "query" }]);
  const proto = `mutation { transactions_create(tx_hash: "0x1", tx_type: deposit, amount: "1", details: { __proto__: 1 }) { __typename } }`;
  expect(issuesOf(await ask({ query: proto }))[0]?.message).toContain("__proto__");
});

it("repeats nothing under one key, and takes a key for one change only", async () => {
  const query = `mutation { transactions_create(tx_hash: "0x77", tx_type: deposit, amount: "5") {
    ... on Transaction { id } ... on Problem { code }
  } }`;
  const keyed = { authorization: ada, headers: { "idempotency-key": "once" } };
  const [first, again] = [await ask({ query }, keyed), await ask({ query }, keyed)];
  expect(first.body).toContain('"id"');
  expect(again.body).toBe(first.body);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  const two = "mutation { a: auth_logout { done } b: auth_logout { done } }";
  const { status, body } = await ask({ query: two }, keyed);
  expect(status).toBe(400);
  expect(body).toContain("IDEMPOTENCY_KEY_INVALID");
});

it("takes one operation a request, as JSON, as large as over REST", async () => {
  const query = "{ service_version { version } }";
  expect((await ask([{ query }, { query }])).status).toBe(400);
  expect((await ask({ query: `{ __typename } #${"x".repeat(64 * 1024)}` })).status).toBe(413);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  expect((await ask({ query }, { headers })).status).toBe(415);
  expect((await ask({ query, variables: [] })).status).toBe(400);
  const accept = "application/graphql-response+json";
  const { headers: sent } = await ask({ query }, { headers: { accept } });
  expect(sent.get("content-type")).toBe(`${accept}; charset=utf-8`);
  const expensive = `mutation { ${Array.from({ length: 11 }, (_, each) => `a${each}: predictions_run_optimization { __typename }`).join(" ")} }`;
  expect(issuesOf(await ask({ query: expensive }))[0]?.message).toContain("at most 100 points");
});

it("is paid as over REST, for all calls of an operation before the first does anything", async () => {
  const policies = createLimitPolicies({ ipPerMinute: 100, userPerMinute: 12 });
  await using limited = await startTestServer({
    createCallLimiter: (deps) => createCallLimiter({ ...deps, policies }),
  });
  const { authorization } = await limited.signUp("eve@example.org");
  const left = ({ headers }: WireResponse) =>
    Object.fromEntries(
      [...(headers.get("ratelimit") ?? "").matchAll(/"(\w+)";r=(\d+)/g)].map(([, name, points]) => [
        name,
        Number(points),
      ]),
    );
  const to = limited;
  const before = left(await ask({ query: "{ __typename }" }, { to })).ip ?? 0;
  expect(left(await ask({ query: "{ nonsense }" }, { to })).ip).toBe(before - 1);
  const markets = await ask(
    { query: "{ analytics_markets { __typename } auth_me { id } }" },
    { to, authorization },
  );
  expect(left(markets)).toMatchObject({ ip: before - 7, user: 11 });
  // Two of these cost more than are left, and neither is made.
  const log = (hash: string) =>
    `transactions_create(tx_hash: "${hash}", tx_type: deposit, amount: "1") { __typename }`;
  const weight = listEndpoints().find(({ path }) => path === "transactions.create")?.endpoint.weight ?? 1;
  const names = Array.from(
    { length: Math.floor(11 / weight) + 1 },
    (_, each) => `t${each}: ${log(`0x${each + 1}`)}`,
  );
  const refused = await ask({ query: `mutation { ${names.join(" ")} }` }, { to, authorization });
  expect(JSON.parse(refused.body).errors).toHaveLength(names.length);
  expect(refused.body).toContain("RATE_LIMITED");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await limited.api.deps.db.selectFrom("transactions").select("id").execute()).toEqual([]);
});

it("refuses with 429, before anything is called, what its address has no points for", async () => {
  const policies = createLimitPolicies({ ipPerMinute: 8 });
  await using limited = await startTestServer({
    createCallLimiter: (deps) => createCallLimiter({ ...deps, policies }),
  });
  const query = "{ analytics_markets { __typename } }";
  expect((await ask({ query }, { to: limited })).status).toBe(200);
  const { status, headers, body } = await ask({ query }, { to: limited });
  expect(status).toBe(429);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });
});

it("follows events as server-sent events, as clients of graphql-sse read them", async () => {
  const query = `subscription { events_follow(topics: [transactions]) {
    __typename ... on TransactionLoggedEvent { subject payload { tx_type } }
  } }`;
  const headers = { "content-type": "application/json", accept: "text/event-stream", authorization: ada };
  using stream = await readStream(`${server.url}/graphql`, headers, JSON.stringify({ query }));
  expect(stream.headers["content-type"]).toBe("text/event-stream");
  const opened = await stream.next();
  expect(opened).toMatchObject({ name: "next" });
  expect(JSON.parse(opened?.data ?? "")).toEqual({
    data: { events_follow: { __typename: "StreamOpenedEvent" } },
  });
  const caller = server.api.caller(ada.slice("Bearer ".length));
  await caller.transactions.create({ tx_hash: "0x99", tx_type: "deposit", amount: "1", details: {} });
  await setImmediate();
  const payload = { __typename: "TransactionLoggedEvent", payload: { tx_type: "deposit" } };
  const told = await stream.next();
  expect(JSON.parse(told?.data ?? "")).toMatchObject({ data: { events_follow: payload } });
});

it("says why a subscription cannot be opened", async () => {
  const query = "subscription { events_follow { __typename } }";
  const { status, body } = await ask({ query });
  expect(status).toBe(401);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  const strange = `subscription { events_follow(after: "strange") { __typename } }`;
  expect((await ask({ query: strange }, { authorization: ada })).body).toContain("pass the id of an event");
  const asJson = await ask({ query }, { authorization: ada, headers: { accept: "application/json" } });
  expect(issuesOf(asJson)).toMatchObject([{ message: "accept text/event-stream to follow a subscription" }]);
});

it("in production keeps its schema to itself, unless it is set otherwise", async () => {
  const query = "{ __schema { queryType { name } } }";
  expect((await ask({ query })).body).toContain("Query");
  await using closed = await startTestServer({ env: { ENVIRONMENT: "production" } });
  expect(issuesOf(await ask({ query }, { to: closed }))[0]?.message).toContain("introspection");
  expect((await ask({ query: "{ auth_mee { id } }" }, { to: closed })).body).not.toMatch(/auth_me\W/);
  await using open = await startTestServer({
    env: { ENVIRONMENT: "production", GRAPHQL_INTROSPECTION: true },
  });
  expect((await ask({ query }, { to: open })).status).toBe(200);
});

it("takes only the operations of a list, by their hashes or as they are, where there is one", async () => {
  const query = "{ service_version { version } }";
  const file = join(await mkdtemp(join(tmpdir(), "operations-")), "persisted-documents.json");
  await writeFile(file, JSON.stringify({ abc: query }));
  await using listed = await startTestServer({ env: { GRAPHQL_OPERATIONS: file } });
  const to = listed;
  for (const sent of [
    { documentId: "abc" },
    { documentId: "sha256:abc" },
    { extensions: { persistedQuery: { sha256Hash: "abc" } } },
    { query },
  ]) {
    expect((await ask(sent, { to })).body).toContain('"version"');
  }
  expect(issuesOf(await ask({ query: "{ auth_me { id } }" }, { to }))).toMatchObject([{ path: "query" }]);
  expect(issuesOf(await ask({ documentId: "def" }, { to }))).toMatchObject([{ path: "documentId" }]);
  expect(issuesOf(await ask({}, { to }))).toEqual([{ path: "query", message: "is missing" }]);
  await writeFile(file, "[]");
  await expect(startTestServer({ env: { GRAPHQL_OPERATIONS: file } })).rejects.toThrow("GRAPHQL_OPERATIONS");
});

it("is not there where it is switched off", async () => {
  await using without = await startTestServer({ env: { GRAPHQL: false } });
  expect((await ask({ query: "{ __typename }" }, { to: without })).status).toBe(404);
});
