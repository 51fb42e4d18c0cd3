import { setImmediate } from "node:timers/promises";
import { createClient, type Fetch, follow, followTogether, type LiveEvent } from "@obsqra/client";
import { type NewEvent, writeTransaction } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { password, startTestServer, type TestServer } from "../wire/start-test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    streams: {
      limits: { total: 100, perOwner: 2, perAddress: 100 },
      resumableMax: 50,
      // The event that ends a session ends its stream, too, and is to be what does.
      accessCheckMs: 3_600_000,
    },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

async function signUp(options: { readonly onSignedOut?: () => void; readonly fetch?: Fetch } = {}) {
  const client = createClient({ url: server.url, ...options });
  const email = `${server.api.deps.createId()}@example.org`;
  const { access_token } = await client.auth.register.mutate({ email, password, full_name: "Ada" });
  return { client, caller: server.api.caller(access_token) };
}

function published(count: number): NewEvent {
  const import_id = "019bc186-de00-7000-8000-a19af8b2bbf6";
  const payload = { kind: "risk", source: "simulated", import_id, count } as const;
  return { type: "forecasts.published", subject: "a model", owner_id: null, payload };
}

async function emit(...counts: readonly number[]): Promise<void> {
  await writeTransaction(server.api.deps, async (_trx, tell) => {
    for (const count of counts) tell(published(count));
  });
  await setImmediate();
}

function countOf(event: LiveEvent): number[] {
  return event.type === "forecasts.published" ? [event.payload.count] : [];
}

it("follows through lost connections and expired tokens, each event once and in order", {
  timeout: 120_000,
}, async () => {
  let connections = 0;
  const counting: Fetch = (url, options) => {
    if (url.includes("events.follow")) connections += 1;
    return fetch(url, options);
  };
  const { client } = await signUp({ fetch: counting });
  const disturbances = [
    () => server.app.server.closeAllConnections(),
    () => server.api.clock.advance(31 * 60_000),
    () => server.app.server.closeAllConnections(),
  ];
  const counts: number[] = [];
  for await (const event of follow(client.events.follow, { topics: ["forecasts"] })) {
    counts.push(...countOf(event));
    if (counts.length % 2 === 1) continue;
    const disturb = disturbances.shift();
    if (disturb === undefined) break;
    // Some are on their way when it happens, some come when nobody reads.
    await emit(counts.length);
    disturb();
    await emit(counts.length + 1);
  }
  expect(counts).toEqual([0, 1, 2, 3, 4, 5]);
  // Two that broke off, and one whose token had expired, unless its connection broke off before that.
  expect(connections).toBeGreaterThanOrEqual(4);
});

it("goes on in another process after an event that somebody has kept", async () => {
  const { client } = await signUp();
  const kept: string[] = [];
  for await (const event of follow(client.events.follow, { topics: ["forecasts"] })) {
    kept.push(event.id);
    if (kept.length === 2) break;
    await emit(1, 2);
  }
  const after = kept.at(-1) ?? "";
  for await (const event of follow(client.events.follow, { topics: ["forecasts"], after })) {
    expect(countOf(event)).toEqual([2]);
    break;
  }
});

it("leaves the stream with the loop, so that another one may be opened", { timeout: 60_000 }, async () => {
  const { client } = await signUp();
  for (let opened = 0; opened < 6; opened += 1) {
    await expect
      .poll(async () => {
        for await (const event of follow(client.events.follow)) return event.type;
        return "";
      })
      .toBe("stream.opened");
  }
});

it("ends when the session does, and says so to whoever has signed in", { timeout: 60_000 }, async () => {
  let signedOut = 0;
  const { client, caller } = await signUp({ onSignedOut: () => (signedOut += 1) });
  const types: string[] = [];
  const following = (async () => {
    for await (const { type } of follow(client.events.follow)) {
      types.push(type);
      // From elsewhere.
      if (type === "stream.opened") await caller.auth.logout_everywhere();
    }
  })();
  await expect(following).rejects.toMatchObject({ code: "TOKEN_INVALID" });
  expect([types, signedOut]).toEqual([["stream.opened", "session.ended"], 1]);
});

it("throws what it cannot get over", async () => {
  const { client } = await signUp();
  const first = (input: { readonly after?: string }) => follow(client.events.follow, input).next();
  await expect(first({ after: "999999999999999999-1" })).rejects.toMatchObject({
    code: "EVENT_ID_INVALID",
    status: 400,
  });
  await expect(first({ after: "yesterday" })).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  const open = [follow(client.events.follow), follow(client.events.follow)];
  for (const stream of open) await stream.next();
  await expect(first({})).rejects.toMatchObject({
    code: "TOO_MANY_STREAMS",
    details: { of: "account", streams_max: 2 },
  });
  for (const stream of open) await stream.return();
});

it("ends with REQUEST_ABORTED, while it waits for an event and while it waits to connect again", async () => {
  const { client } = await signUp();
  const unreachable = createClient({ url: "http://127.0.0.1:9" });
  for (const { events } of [client, unreachable]) {
    const controller = new AbortController();
    const stream = follow(events.follow, {}, { signal: controller.signal });
    if (events === client.events) await stream.next();
    const next = stream.next();
    setTimeout(() => controller.abort(), 10);
    await expect(next).rejects.toMatchObject({ code: "REQUEST_ABORTED" });
  }
});

it("shares one stream among tabs, and hands it over when its tab is closed, without a gap", {
  timeout: 60_000,
}, async () => {
  const streams: string[] = [];
  const counting: Fetch = (url, options) => {
    if (url.includes("events.follow")) streams.push(url);
    return fetch(url, options);
  };
  const { client } = await signUp({ fetch: counting });
  const name = server.api.deps.createId();
  const openTab = () => {
    const counts: number[] = [];
    const types: string[] = [];
    const closing = new AbortController();
    const tab = followTogether(
      client.events.follow,
      { topics: ["forecasts"] },
      { name, signal: closing.signal },
    );
    const reading = (async () => {
      for await (const event of tab) {
        types.push(event.type);
        counts.push(...countOf(event));
      }
    })();
    return { counts, types, close: () => closing.abort(), reading: reading.catch((error: unknown) => error) };
  };
  const first = openTab();
  await expect.poll(() => first.types.length, { timeout: 20_000 }).toBe(1);
  // More than there may be streams of an account.
  const others = [openTab(), openTab(), openTab()];
  for (const { types } of others)
    await expect.poll(() => types, { timeout: 20_000 }).toEqual(["stream.opened"]);
  await emit(1, 2);
  for (const { counts } of [first, ...others])
    await expect.poll(() => counts, { timeout: 20_000 }).toEqual([1, 2]);
  expect(streams).toHaveLength(1);
  first.close();
  expect(await first.reading).toMatchObject({ code: "REQUEST_ABORTED" });
  await emit(3);
  for (const { counts } of others) await expect.poll(() => counts, { timeout: 20_000 }).toEqual([1, 2, 3]);
  expect(streams).toHaveLength(2);
  for (const tab of others) tab.close();
  await Promise.all(others.map(({ reading }) => reading));
});
