import { contract, listCalls } from "@obsqra/contract";
import { waitForEvents } from "@obsqra/db/testing";
import { createCallLimiter, createCallTurns, createLimitPolicies } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bytesPerPoint } from "../../src/charge-bytes.ts";
import { type CostWorld, manyValues, mostExpensiveInputs } from "../cost/most-expensive-inputs.ts";
import { callEndpoint, readOutput } from "./call-endpoint.ts";
import { password, send, startTestServer, type TestServer } from "./start-test-server.ts";

const world: CostWorld = {
  email: "ada@example.org",
  password,
  refresh_token: "x".repeat(43),
  exportCursor: "x".repeat(200),
};
const batchSize = 20;
const transactions = 20;
/** Of an API key; users have more than any test needs. */
const keyPoints = 40;

let server: TestServer;
let ada: string;
let eve: string;

beforeAll(async () => {
  server = await startTestServer({
    createCallLimiter: (deps) =>
      createCallLimiter({
        ...deps,
        policies: createLimitPolicies({ keyPerMinute: keyPoints, userPerMinute: 6_000 }),
      }),
    deps: { callTurns: createCallTurns({ atOnce: 2 }) },
  });
  [ada = "", eve = ""] = await Promise.all(["ada", "eve"].map(signUp));
  for (let number = 1; number <= transactions; number += 1) {
    await server.api.caller(ada).transactions.create({
      tx_hash: `0x${number.toString(16)}`,
      tx_type: "deposit",
      amount: "1",
      details: manyValues,
    });
  }
});
afterAll(() => server[Symbol.asyncDispose]());

async function signUp(name: string): Promise<string> {
  const { authorization } = await server.signUp(`${name}@example.org`);
  return authorization.replace("Bearer ", "");
}

it("knows the most expensive input of every endpoint, and the contract takes it", () => {
  const endpoints = listCalls();
  expect(Object.keys(mostExpensiveInputs).toSorted()).toEqual(endpoints.map(({ path }) => path).toSorted());
  for (const { path, endpoint } of endpoints) {
    const { error } = endpoint.input.safeParse(mostExpensiveInputs[path]?.(world, 1));
    expect([path, error?.issues]).toEqual([path, undefined]);
  }
});

it("serves another user before a greedy one's batches are done", async () => {
  const headers = { authorization: `Bearer ${ada}` };
  let done = 0;
  const greedy = Array.from({ length: 4 }, async () => {
    const { status } = await send(server.url, { path: batchOfLists(batchSize), headers });
    done += 1;
    return status;
  });
  const doneBefore: number[] = [];
  for (let call = 0; call < 3; call += 1) {
    expect((await callEndpoint(server.url, { protocol: "rest", path: "auth.me", bearer: eve })).status).toBe(
      200,
    );
    doneBefore.push(done);
  }
  expect(await Promise.all(greedy)).toEqual([200, 200, 200, 200]);
  // Eighty calls against three, which take turns with them.
  expect(Math.max(...doneBefore)).toBeLessThan(greedy.length);
});

it("counts points for the bytes of a response, on every protocol", async () => {
  for (const protocol of ["rest", "trpc", "graphql"] as const) {
    const bob = await signUp(`bob-${protocol}`);
    const caller = server.api.caller(bob);
    for (let number = 1; number <= 8; number += 1) {
      const tx_hash = `0x${number.toString(16)}`;
      await caller.transactions.create({ tx_hash, tx_type: "deposit", amount: "1", details: manyValues });
    }
    const before = await leftOf(bob);
    const { body } = await callEndpoint(server.url, {
      protocol,
      path: "transactions.list",
      input: { limit: 100 },
      bearer: bob,
    });
    const points = 1 + Math.floor(Buffer.byteLength(body) / bytesPerPoint);
    expect(points).toBeGreaterThan(2);
    // The call itself and this one; the bytes are counted when the response has gone out.
    await expect
      .poll(() => leftOf(bob).then((left) => before - left), { timeout: 60_000 })
      .toBeGreaterThan(points);
  }
});

it("counts points for the messages that a replay queues", async () => {
  const caller = server.api.caller(ada);
  const { id: webhook_id } = await caller.webhooks.create({
    url: "https://hooks.invalid/",
    topics: ["transactions"],
  });
  await waitForEvents(server.api.deps.db);
  const before = await leftOf(ada);
  const response = await callEndpoint(server.url, {
    protocol: "rest",
    path: "webhooks.replay_events",
    input: { webhook_id, since: "2026-01-01T00:00:00Z" },
    bearer: ada,
  });
  expect(readOutput(response, "rest")).toEqual({ queued: transactions, continue_since: null });
  const { weight = 1 } = contract.webhooks.replay_events;
  expect(before - (await leftOf(ada))).toBe(weight + transactions / 2 + 1);
});

it("counts as many points for a response whose body HEAD leaves out", async () => {
  const bearer = { authorization: `Bearer ${ada}` };
  const path = "/api/v1/transactions?limit=100";
  const { body } = await send(server.url, { path, headers: bearer });
  const points = 1 + Math.floor(Buffer.byteLength(body) / bytesPerPoint);
  const before = await leftOf(ada);
  expect((await send(server.url, { method: "HEAD", path, headers: bearer })).status).toBe(200);
  // The call of leftOf counts one, too.
  expect(before - (await leftOf(ada))).toBe(points + 1);
});

it.each([
  ["single calls over REST", "/api/v1/transactions?limit=100", 1, "*/*"],
  [
    "single calls over tRPC",
    `/trpc/transactions.list?input=${encodeURIComponent('{"limit":100}')}`,
    1,
    "*/*",
  ],
  ["batches", batchOfLists(batchSize), batchSize, "*/*"],
  ["batches that are streamed", batchOfLists(batchSize), batchSize, "application/jsonl"],
])("serves by %s at once hardly more bytes than there are points for", async (_name, path, calls, accept) => {
  const { key } = await server.api.caller(ada).auth.create_api_key({
    name: "greedy",
    scopes: ["transactions:read"],
  });
  const headers = { authorization: `Bearer ${key}`, "trpc-accept": accept };
  const responses = await Promise.all(
    Array.from({ length: Math.ceil((2 * keyPoints) / calls) }, () => send(server.url, { path, headers })),
  );
  let points = 0;
  let largestPage = 0;
  for (const { body } of responses) {
    const pages = body.match(/"next_cursor":"/g)?.length ?? 0;
    const bytes = Buffer.byteLength(body);
    points += pages + Math.floor(bytes / bytesPerPoint);
    if (pages > 0) largestPage = Math.max(largestPage, bytes / pages);
  }
  expect(points).toBeGreaterThan(keyPoints / 2);
  // Of two calls at once, neither knows yet what the other costs.
  expect(points).toBeLessThan(keyPoints + 4 * (1 + largestPage / bytesPerPoint));
});

/** A batch of calls that read as much as a page holds. */
function batchOfLists(size: number): string {
  const calls = Array.from({ length: size });
  const input = JSON.stringify(Object.fromEntries(calls.map((_, index) => [index, { limit: 100 }])));
  return `/trpc/${calls.fill("transactions.list").join(",")}?batch=1&input=${encodeURIComponent(input)}`;
}

/** Points of the user's minute, read by a call in process. */
async function leftOf(token: string): Promise<number> {
  const { limits } = await server.api.caller(token).users.usage();
  return limits.find(({ policy }) => policy === "user")?.remaining ?? 0;
}

it("gives no page that is larger than a batch may be written of", async () => {
  const lists = ["transactions.list", "transactions.entries"];
  for (const path of lists) {
    const response = await callEndpoint(server.url, {
      protocol: "rest",
      path,
      input: { limit: 100 },
      bearer: ada,
    });
    const { next_cursor } = readOutput<{ next_cursor: string | null }>(response, "rest");
    expect(Buffer.byteLength(response.body)).toBeLessThan(256 * 1024);
    expect(next_cursor).not.toBeNull();
  }
});
