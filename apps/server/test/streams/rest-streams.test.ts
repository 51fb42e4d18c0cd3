import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { contract } from "@obsqra/contract";
import {
  createCallLimiter,
  createLimitPolicies,
  type EventStreams,
  type NewEvent,
  writeTransaction,
} from "@obsqra/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { readStream, type StreamReader } from "./read-stream.ts";

const path = "/api/v1/events";

function follow(server: TestServer, headers: Record<string, string>, query = ""): Promise<StreamReader> {
  return readStream(`${server.url}${path}${query}`, headers);
}

async function emit({ api }: TestServer, ...events: readonly NewEvent[]): Promise<void> {
  await writeTransaction(api.deps, async (_trx, tell) => {
    for (const event of events) tell(event);
  });
  // The embedded database never lets the event loop come round by itself.
  await setImmediate();
}

function published(source: string, count: number): NewEvent {
  const payload = { kind: "risk", source, import_id: "019bc186-de00-7000-8000-a19af8b2bbf6", count } as const;
  return { type: "forecasts.published", subject: "a model", owner_id: null, payload };
}

async function logTransaction(
  server: TestServer,
  { authorization }: { authorization: string },
  hash: string,
) {
  const caller = server.api.caller(authorization.slice("Bearer ".length));
  return caller.transactions.create({ tx_hash: hash, tx_type: "deposit", amount: "1", details: {} });
}

async function createKey({ api }: TestServer, { authorization }: { authorization: string }) {
  const caller = api.caller(authorization.slice("Bearer ".length));
  return caller.auth.create_api_key({ name: "Bot", scopes: ["events:read"] });
}

async function codeOf(reader: StreamReader): Promise<string> {
  return (JSON.parse(await reader.text()) as { code: string }).code;
}

const warnings: string[] = [];
const note = (warning: Error) => void warnings.push(warning.message);
beforeAll(() => void process.on("warning", note));
afterAll(() => {
  process.off("warning", note);
  // Node warns of listeners that are added and never removed, which is how a leak of streams shows.
  expect(warnings).toEqual([]);
});

describe("GET /api/v1/events", () => {
  it("begins with where it stands, and tells each event once it has happened, as the contract says", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    using reader = await follow(server, ada);
    expect([reader.status, reader.headers["content-type"], reader.headers["cache-control"]]).toEqual([
      200,
      "text/event-stream",
      "no-store, no-transform",
    ]);
    const opened = await reader.message();
    expect(opened).toMatchObject({ type: "stream.opened", id: reader.lastId() });
    const { id } = await logTransaction(server, ada, "0x5a1d");
    const told = await reader.message();
    expect(told).toMatchObject({ type: "transaction.logged", subject: id, id: reader.lastId() });
    expect(contract.events.follow.output.parse(told)).toEqual(told);
  });

  it("shows nobody another's events, nor figures that are not served, and only the topics asked for", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    const eve = await server.signUp("eve@example.org");
    using ofAda = await follow(server, ada, "?topics=transactions&topics=forecasts");
    await ofAda.message();
    await logTransaction(server, eve, "0x1");
    await emit(server, published("another source", 1));
    await emit(server, {
      type: "suggestion.made",
      subject: "x",
      owner_id: null,
      payload: { outcome: "hold" },
    });
    await emit(server, published("simulated", 2));
    await logTransaction(server, ada, "0x2");
    const told = [await ofAda.message(), await ofAda.message()];
    expect(told.map((event) => event?.type)).toEqual(["forecasts.published", "transaction.logged"]);
  });

  it("goes on after an event, by Last-Event-ID or by after, without a gap and without a repeat", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    using first = await follow(server, ada);
    await first.message();
    await emit(server, published("simulated", 1));
    await first.message();
    const lastId = first.lastId() ?? "";
    first[Symbol.dispose]();
    await emit(server, published("simulated", 2), published("simulated", 3));
    for (const again of [
      await follow(server, { ...ada, "last-event-id": lastId }),
      await follow(server, ada, `?after=${lastId}`),
      await follow(server, { ...ada, "last-event-id": lastId }, "?after=1-1"),
    ]) {
      using reader = again;
      const next = () => reader.message<{ readonly payload: { readonly count: number } }>();
      const counts = [await next(), await next()].map((event) => event?.payload.count);
      expect(counts).toEqual([2, 3]);
    }
  });

  it("moves the id on while there is nothing to tell, and keeps the connection awake", async () => {
    await using server = await startTestServer({ streams: { heartbeatMs: 1 } });
    const ada = await server.signUp("ada@example.org");
    using reader = await follow(server, ada, "?topics=transactions");
    await reader.message();
    const before = reader.lastId();
    await emit(server, published("simulated", 1));
    await expect
      .poll(async () => ((await reader.next())?.name === "ping" ? reader.lastId() : before))
      .not.toBe(before);
  });

  it("refuses what it cannot follow with a problem, not with a stream", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    for (const [headers, query, code] of [
      [{ "last-event-id": "yesterday" }, "", "VALIDATION_FAILED"],
      [{}, "?after=12", "VALIDATION_FAILED"],
      [{}, "?topics=weather", "VALIDATION_FAILED"],
      [{}, "?after=999999999999999999-1", "EVENT_ID_INVALID"],
    ] as const) {
      using reader = await follow(server, { ...ada, ...headers }, query);
      expect([reader.status, reader.headers["content-type"]]).toEqual([
        400,
        "application/problem+json; charset=utf-8",
      ]);
      expect([query, await codeOf(reader)]).toEqual([query, code]);
    }
  });
});

describe("an API key", () => {
  it("with events:read gets everything but what is about the account's security", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    const { key } = await createKey(server, ada);
    using reader = await follow(server, { authorization: `Bearer ${key}` });
    await reader.message();
    const other = await server.api
      .caller()
      .auth.login({ email: "ada@example.org", password: "correct horse battery" });
    await server.api.caller(other.access_token).auth.logout();
    await logTransaction(server, ada, "0x1");
    expect(await reader.message()).toMatchObject({ type: "transaction.logged" });
    using refused = await follow(server, { authorization: `Bearer ${key}` }, "?topics=security");
    expect([refused.status, await codeOf(refused)]).toEqual([403, "SESSION_REQUIRED"]);
  });

  it("that is revoked ends its streams, with the reason", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    const { key, id } = await createKey(server, ada);
    using reader = await follow(server, { authorization: `Bearer ${key}` });
    await reader.message();
    await server.api
      .caller(ada.authorization.slice("Bearer ".length))
      .auth.revoke_api_key({ api_key_id: id });
    expect(await endOf(reader)).toMatchObject({ code: "API_KEY_INVALID" });
  });
});

/** What a stream ends with, undefined for an end without a reason. */
async function endOf(reader: StreamReader): Promise<unknown> {
  let problem: unknown;
  for (let event = await reader.next(); event !== undefined; event = await reader.next()) {
    if (event.name === "problem") problem = JSON.parse(event.data);
  }
  return problem;
}

describe("the end of a stream", () => {
  it("comes with the end of its session, after the event that tells of it", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    // Not by asking for the session from time to time.
    await using quick = await startTestServer({ streams: { accessCheckMs: 3_600_000 } });
    const eve = await quick.signUp("eve@example.org");
    for (const [each, user] of [
      [server, ada],
      [quick, eve],
    ] as const) {
      using reader = await follow(each, user);
      await reader.message();
      const caller = each.api.caller(user.authorization.slice("Bearer ".length));
      await caller.auth.logout_everywhere();
      expect(await endOf(reader)).toMatchObject({ code: "TOKEN_INVALID" });
      using again = await follow(each, user);
      expect(again.status).toBe(401);
    }
  });

  it("comes with the end of the access token, without a reason, and a new token goes on from there", async () => {
    await using server = await startTestServer();
    const { access_token, refresh_token } = await server.api
      .caller()
      .auth.register({ email: "ada@example.org", password: "correct horse battery", full_name: "Ada" });
    using reader = await follow(server, { authorization: `Bearer ${access_token}` });
    await reader.message();
    const lastId = reader.lastId() ?? "";
    server.api.clock.advance(31 * 60_000);
    expect(await endOf(reader)).toBeUndefined();
    const renewed = await server.api.caller().auth.refresh({ refresh_token });
    const ada = { authorization: `Bearer ${renewed.access_token}` };
    await logTransaction(server, ada, "0x1");
    using again = await follow(server, { ...ada, "last-event-id": lastId });
    expect(await again.message()).toMatchObject({ type: "transaction.logged" });
  });

  it("comes with the end of the server, which does not wait, and says when to come back", async () => {
    await using server = await startTestServer();
    const ada = await server.signUp("ada@example.org");
    using reader = await follow(server, ada);
    await reader.message();
    await server.app.close();
    expect(await endOf(reader)).toBeUndefined();
    expect(reader.retryMs()).toBeGreaterThanOrEqual(1_000);
    expect(reader.retryMs()).toBeLessThanOrEqual(5_000);
  });

  it("comes for a reader who does not read, who learns how to go on, and loses nothing", async () => {
    // Events as large as these fill what the connection holds soon.
    const marketSource = "s".repeat(50_000);
    await using server = await startTestServer({ marketSource, streams: { waitingMax: 500 } });
    const ada = await server.signUp("ada@example.org");
    using slow = await follow(server, ada);
    await slow.message();
    slow.pause();
    const total = 1_000;
    for (let count = 0; count < total; count += 50) {
      const events = Array.from({ length: 50 }, (_, index) => published(marketSource, count + index));
      await emit(server, ...events);
    }
    slow.resume();
    const counts: number[] = [];
    let problem: { code?: string } | undefined;
    for (let event = await slow.next(); event !== undefined; event = await slow.next()) {
      if (event.name === "problem") problem = JSON.parse(event.data) as { code: string };
      if (event.name === "message") counts.push(readCount(event.data));
    }
    expect(problem?.code).toBe("STREAM_TOO_SLOW");
    using again = await follow(server, { ...ada, "last-event-id": slow.lastId() ?? "" });
    while (counts.length < total) counts.push(readCount(JSON.stringify(await again.message())));
    expect(counts).toEqual(Array.from({ length: total }, (_, count) => count));
  }, 120_000);
});

function readCount(data: string): number {
  return (JSON.parse(data) as { payload: { count: number } }).payload.count;
}

describe("how many streams there are", () => {
  it("is limited per account and per address, and who closes one may open another", async () => {
    const limits = { total: 100, perOwner: 2, perAddress: 3 };
    await using server = await startTestServer({ streams: { limits } });
    const ada = await server.signUp("ada@example.org");
    const eve = await server.signUp("eve@example.org");
    using first = await follow(server, ada);
    using second = await follow(server, ada);
    using third = await follow(server, ada);
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(await third.text()).toContain('"details":{"of":"account","streams_max":2}');
    using ofEve = await follow(server, eve);
    using more = await follow(server, eve);
    expect([ofEve.status, more.status]).toEqual([200, 429]);
    expect(await more.text()).toContain('"details":{"of":"address","streams_max":3}');
    first[Symbol.dispose]();
    await expect
      .poll(async () => {
        using again = await follow(server, ada);
        return again.status;
      })
      .toBe(200);
    // Whoever goes away is nothing that an operator has to look at.
    expect(server.logLines.filter((line) => JSON.parse(line).level >= 40)).toEqual([]);
  });

  it("counts nobody who has gone while the stream was being opened", async () => {
    const limits = { total: 100, perOwner: 1, perAddress: 100 };
    const isOpening = Promise.withResolvers<void>();
    const hasGone = Promise.withResolvers<void>();
    const eventStreams: EventStreams = {
      close: () => server.api.deps.eventStreams.close(),
      open: async (choice) => {
        isOpening.resolve();
        await hasGone.promise;
        return server.api.deps.eventStreams.open(choice);
      },
    };
    await using server: TestServer = await startTestServer({ streams: { limits }, deps: { eventStreams } });
    const { authorization } = await server.signUp("ada@example.org");
    const connection = once(server.app.server, "connection") as Promise<[Socket]>;
    const { hostname, port } = new URL(server.url);
    const visitor = connect(Number(port), hostname).on("error", () => {});
    visitor.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\n\r\n`);
    const [accepted] = await connection;
    await isOpening.promise;
    const closed = once(accepted, "close");
    visitor.destroy();
    await closed;
    hasGone.resolve();
    await expect
      .poll(async () => {
        using reader = await follow(server, { authorization });
        return reader.status;
      })
      .toBe(200);
  });

  it("leaves room for requests: beyond all together, the server is overloaded for streams only", async () => {
    const limits = { total: 1, perOwner: 5, perAddress: 5 };
    await using server = await startTestServer({ streams: { limits }, limits: { requestsInFlight: 1 } });
    const ada = await server.signUp("ada@example.org");
    using first = await follow(server, ada);
    using second = await follow(server, ada);
    expect([first.status, second.status]).toEqual([200, 503]);
    // The open stream is none of the requests that are worked on.
    expect((await fetch(`${server.url}/api/v1/auth/me`, { headers: ada })).status).toBe(200);
  });
});

describe("the points of a stream", () => {
  const withLimits = {
    createCallLimiter: (deps: Parameters<typeof createCallLimiter>[0]) =>
      createCallLimiter({ ...deps, policies: createLimitPolicies({ userPerMinute: 40 }) }),
  };
  const left = async (server: TestServer, authorization: string) => {
    const usage = await server.api
      .caller(authorization.slice("Bearer ".length), { ip: "10.1.1.1" })
      .users.usage();
    return usage.limits.find(({ policy }) => policy === "user")?.remaining ?? 0;
  };

  it("are five for opening it and one for each event, however many tabs follow", async () => {
    await using server = await startTestServer(withLimits as object);
    const { authorization } = await server.signUp("ada@example.org");
    const before = await left(server, authorization);
    using one = await follow(server, { authorization });
    using other = await follow(server, { authorization });
    await one.message();
    await other.message();
    await emit(server, published("simulated", 1), published("simulated", 2));
    for (const tab of [one, other]) for (let read = 0; read < 2; read += 1) await tab.message();
    // Two openings, two events; each look costs one itself.
    let looks = 0;
    await expect
      .poll(async () => {
        looks += 1;
        return before - (await left(server, authorization)) - looks;
      })
      .toBe(12);
  });

  it("end it with RATE_LIMITED when there are none left", async () => {
    await using server = await startTestServer(withLimits as object);
    const { authorization } = await server.signUp("ada@example.org");
    using reader = await follow(server, { authorization });
    await reader.message();
    const stop = new AbortController();
    const emitting = (async () => {
      for (let count = 0; !stop.signal.aborted; count += 1) await emit(server, published("simulated", count));
    })();
    expect(await endOf(reader)).toMatchObject({ code: "RATE_LIMITED", details: { policy: "user" } });
    stop.abort();
    await emitting;
  });
});
