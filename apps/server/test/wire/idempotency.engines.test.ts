import { randomUUID } from "node:crypto";
import { writeOperation } from "@obsqra/graphql/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callEndpoint, type EndpointCall, type Protocol, readOutput } from "./call-endpoint.ts";
import {
  password,
  sendJson,
  startTestServer,
  type TestServer,
  type WireResponse,
} from "./start-test-server.ts";

const protocols: readonly Protocol[] = ["rest", "trpc"];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server[Symbol.asyncDispose]());

/** A user of their own for each test; gives the access token. */
async function signUp(email = `${randomUUID()}@example.org`): Promise<string> {
  return (await server.signUp(email)).authorization.replace("Bearer ", "");
}

/** Asks twice with one key; the replies have to be the same but for what names the request. */
async function askTwice(call: EndpointCall): Promise<{ first: WireResponse; again: WireResponse }> {
  const keyed = { ...call, idempotencyKey: randomUUID() };
  const first = await callEndpoint(server.url, keyed);
  const again = await callEndpoint(server.url, keyed);
  expect(again.body).toBe(first.body);
  expect(again.status).toBe(first.status);
  expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  return { first, again };
}

const transaction = { tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5", details: { b: 1, a: [null] } };

describe.each(protocols)("on %s", (protocol) => {
  it("replays the same reply, byte for byte, and says so", async () => {
    const bearer = await signUp();
    const { first } = await askTwice({ protocol, path: "transactions.create", input: transaction, bearer });
    expect(first.status).toBe(protocol === "rest" ? 201 : 200);
    const list = await callEndpoint(server.url, { protocol, path: "transactions.list", bearer });
    expect(readOutput<{ items: unknown[] }>(list, protocol).items).toHaveLength(1);
  });

  it("replays an empty reply", async () => {
    const email = `${randomUUID()}@example.org`;
    await signUp(email);
    const { first } = await askTwice({ protocol, path: "auth.request_password_reset", input: { email } });
    expect(first.status).toBe(protocol === "rest" ? 204 : 200);
  });

  it("replays an error, with the id of the request that got it first", async () => {
    const bearer = await signUp();
    await callEndpoint(server.url, { protocol, path: "transactions.create", input: transaction, bearer });
    const { first } = await askTwice({ protocol, path: "transactions.create", input: transaction, bearer });
    expect(first.status).toBe(409);
    expect(first.body).toContain(first.headers.get("x-request-id"));
  });

  it("gives the tokens of a registration again, to whoever knows the key and all of the input", async () => {
    const input = { email: `${randomUUID()}@example.org`, password, full_name: "Ada" };
    const { first } = await askTwice({ protocol, path: "auth.register", input });
    expect(readOutput<object>(first, protocol)).toHaveProperty("refresh_token");
  });

  it("refuses the same key with another input: 422", async () => {
    const bearer = await signUp();
    const call = { protocol, path: "transactions.create", bearer, idempotencyKey: "k" };
    await callEndpoint(server.url, { ...call, input: transaction });
    const refused = await callEndpoint(server.url, { ...call, input: { ...transaction, amount: "1" } });
    expect(refused.status).toBe(422);
    expect(refused.body).toContain("IDEMPOTENCY_KEY_REUSED");
    expect(refused.headers.get("idempotent-replayed")).toBeNull();
  });

  it("keeps no reply to an input that is not valid, nor to a stranger: the key stays free", async () => {
    const bearer = await signUp();
    const call = { protocol, path: "transactions.create", bearer, idempotencyKey: "k" };
    expect((await callEndpoint(server.url, { ...call, input: {} })).status).toBe(400);
    expect((await callEndpoint(server.url, { ...call, bearer: "x", input: transaction })).status).toBe(401);
    const carriedOut = await callEndpoint(server.url, { ...call, input: transaction });
    expect(carriedOut.status).toBeLessThan(300);
  });

  it("carries out many that arrive at once a single time", async () => {
    const bearer = await signUp();
    const input = { name: "Report", scopes: ["analytics:read"] };
    const call = { protocol, path: "auth.create_api_key", input, bearer, idempotencyKey: "k" };
    const responses = await Promise.all(Array.from({ length: 50 }, () => callEndpoint(server.url, call)));
    expect(new Set(responses.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(responses.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
    const keys = await callEndpoint(server.url, { protocol, path: "auth.api_keys", bearer });
    expect(readOutput<{ items: unknown[] }>(keys, protocol).items).toHaveLength(1);
  });

  it.each(["", "a b", "é", "a".repeat(256), '"a'])("refuses the key %j", async (idempotencyKey) => {
    const bearer = await signUp();
    const call = { protocol, path: "transactions.create", input: transaction, bearer, idempotencyKey };
    const refused = await callEndpoint(server.url, call);
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("IDEMPOTENCY_KEY_INVALID");
  });
});

/** What asks for a password, by the field that it is in. */
const guesses = [
  { path: "auth.login", field: "password", fixed: (email: string) => ({ email }) },
  { path: "auth.reauthenticate", field: "password", fixed: () => ({}) },
  {
    path: "auth.change_password",
    field: "current_password",
    fixed: () => ({ new_password: "another horse battery" }),
  },
];

describe.each(protocols)("guessing on %s", (protocol) => {
  it.each(guesses)("at $path with a key that was used before is counted like any other", async (guessed) => {
    const { path, field, fixed } = guessed;
    await server.api.deps.db.deleteFrom("auth_throttle").execute();
    const email = `${randomUUID()}@example.org`;
    const bearer = await signUp(email);
    const idempotencyKey = randomUUID();
    const guess = (text: string) =>
      callEndpoint(server.url, {
        protocol,
        path,
        input: { ...fixed(email), [field]: text },
        ...(path === "auth.login" ? {} : { bearer }),
        idempotencyKey,
      });
    await guess("wrong password 0");
    const guesses = await Promise.all(Array.from({ length: 30 }, (_, n) => guess(`wrong password ${n % 3}`)));
    const tooMany = guesses.filter(({ body }) => body.includes("TOO_MANY_ATTEMPTS"));
    expect(tooMany).toHaveLength(26);
    const right = await guess(password);
    expect([right.status, right.headers.get("idempotent-replayed")]).toEqual([429, null]);
  });
});

it("replays a reply that was first given on another protocol", async () => {
  const bearer = await signUp();
  const call = { path: "transactions.create", input: transaction, bearer, idempotencyKey: "k" };
  const first = await callEndpoint(server.url, { ...call, protocol: "rest" });
  const again = await callEndpoint(server.url, { ...call, protocol: "trpc" });
  expect(again.body).toBe(`{"result":{"data":${first.body}}}`);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  const third = await callEndpoint(server.url, { ...call, protocol: "graphql" });
  const { output } = writeOperation(call.path).read(JSON.parse(third.body));
  expect(output).toEqual(JSON.parse(first.body));
  expect(third.headers.get("idempotent-replayed")).toBe("true");
});

it("keeps the keys of different users apart, and shares those of a user and their API keys", async () => {
  const [ada, eve] = [await signUp(), await signUp()];
  const input = { name: "Report", scopes: ["transactions:write"] };
  const created = await callEndpoint(server.url, {
    protocol: "rest",
    path: "auth.create_api_key",
    input,
    bearer: ada,
  });
  const { key } = readOutput<{ key: string }>(created, "rest");
  const create = (bearer: string) =>
    callEndpoint(server.url, {
      protocol: "rest",
      path: "transactions.create",
      input: transaction,
      bearer,
      idempotencyKey: "k",
    });
  const [first, byKey, ofEve] = [await create(ada), await create(key), await create(eve)];
  expect(byKey.body).toBe(first.body);
  expect(byKey.headers.get("idempotent-replayed")).toBe("true");
  expect(ofEve.body).not.toBe(first.body);
  expect(ofEve.headers.get("idempotent-replayed")).toBeNull();
});

it("refuses a session that has ended with 401, and replays nothing", async () => {
  const bearer = await signUp();
  const call = { protocol: "rest", path: "transactions.create", input: transaction, bearer } as const;
  await callEndpoint(server.url, { ...call, idempotencyKey: "k" });
  await callEndpoint(server.url, { protocol: "rest", path: "auth.logout", bearer });
  const refused = await callEndpoint(server.url, { ...call, idempotencyKey: "k" });
  expect(refused.status).toBe(401);
  expect(refused.headers.get("idempotent-replayed")).toBeNull();
});

it("refuses several keys, and a key for several calls", async () => {
  const bearer = await signUp();
  const authorization = `Bearer ${bearer}`;
  const create = { path: "/api/v1/transactions", json: transaction };
  // Node sends a header once for each of several values.
  const twice = { authorization, "idempotency-key": ["one", "two"] } as unknown as Record<string, string>;
  const batch = {
    path: "/trpc/transactions.create,users.update_profile?batch=1",
    json: { 0: transaction, 1: { full_name: "Ada" } },
  };
  const keyed = { authorization, "idempotency-key": "k" };
  for (const request of [
    { ...create, headers: twice },
    { ...batch, headers: keyed },
  ]) {
    const refused = await sendJson(server.url, request);
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("IDEMPOTENCY_KEY_INVALID");
  }
  const ofOne = { path: "/trpc/transactions.create?batch=1", json: { 0: transaction }, headers: keyed };
  const [first, again] = [await sendJson(server.url, ofOne), await sendJson(server.url, ofOne)];
  expect(first.status).toBe(200);
  expect(again.body).toBe(first.body);
});

it("ignores a key where nothing is changed", async () => {
  const bearer = await signUp();
  for (const protocol of protocols) {
    const call = { protocol, path: "auth.me", bearer, idempotencyKey: "not a key" };
    const response = await callEndpoint(server.url, call);
    expect([response.status, response.headers.get("idempotent-replayed")]).toEqual([200, null]);
  }
});
