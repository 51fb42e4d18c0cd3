import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { AppRouter, LiveEvent } from "@obsqra/client";
import { type NewEvent, writeTransaction } from "@obsqra/platform";
import {
  createTRPCClient,
  createWSClient,
  httpSubscriptionLink,
  type TRPCClientError,
  type TRPCLink,
  wsLink,
} from "@trpc/client";
import { EventSource } from "eventsource";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send, startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { readStream } from "./read-stream.ts";

let server: TestServer;
const connections = new Set<Socket>();
beforeAll(async () => {
  server = await startTestServer({
    // The event that ends a session ends its streams, too, and is to be what does.
    streams: { accessCheckMs: 3_600_000 },
    limits: { webSocketHandOverMs: 20 },
  });
  server.app.server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** What somebody sees who follows with tRPC's own link, as it comes. */
interface Watcher extends Disposable {
  readonly events: LiveEvent[];
  readonly ids: string[];
  /** The address of each connection. */
  readonly urls: string[];
  readonly error: Promise<TRPCClientError<AppRouter>>;
  /** Waits until so many events have come. */
  until(count: number): Promise<void>;
}

interface WatchInput {
  readonly topics?: ["transactions"] | ["forecasts"];
  readonly after?: string;
}

/** @param token asked for on each connection, as a page does that renews its token */
type Watch = (token: () => string, input?: WatchInput) => Watcher;

const watch: Watch = (token, input) => {
  const urls: string[] = [];
  const link: TRPCLink<AppRouter> = httpSubscriptionLink({
    url: `${server.url}/trpc`,
    EventSource,
    eventSourceOptions: () => ({
      fetch: (url, init) => {
        urls.push(String(url));
        return fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token()}` } });
      },
    }),
  });
  return watchBy(link, { urls, input });
};

const watchSocket: Watch = (token, input) => {
  const urls: string[] = [];
  class NotedSocket extends WebSocket {
    constructor(url: string) {
      urls.push(url);
      super(url);
    }
  }
  const client = createWSClient({
    url: `${server.url}/trpc`,
    connectionParams: () => ({ authorization: `Bearer ${token()}` }),
    WebSocket: NotedSocket as typeof WebSocket,
  });
  return watchBy(wsLink<AppRouter>({ client }), { urls, input, close: () => void client.close() });
};

interface Watching {
  readonly urls: string[];
  readonly input: WatchInput | undefined;
  readonly close?: () => void;
}

function watchBy(link: TRPCLink<AppRouter>, { urls, input, close }: Watching): Watcher {
  const client = createTRPCClient<AppRouter>({ links: [link] });
  const events: LiveEvent[] = [];
  const ids: string[] = [];
  const failed = Promise.withResolvers<TRPCClientError<AppRouter>>();
  const subscription = client.events.follow.subscribe(input, {
    onData: ({ id, data }) => {
      ids.push(id);
      events.push(data);
    },
    onError: failed.resolve,
  });
  return {
    events,
    ids,
    urls,
    error: failed.promise,
    until: async (count) => {
      await expect.poll(() => events.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
    },
    [Symbol.dispose]: () => {
      subscription.unsubscribe();
      close?.();
    },
  };
}

async function signUp(): Promise<{ access_token: string; refresh_token: string }> {
  const email = `${server.api.deps.createId()}@example.org`;
  return server.api.caller().auth.register({ email, password: "correct horse battery", full_name: "Ada" });
}

function published(count: number): NewEvent {
  const import_id = "019bc186-de00-7000-8000-a19af8b2bbf6";
  const payload = { kind: "risk", source: "simulated", import_id, count } as const;
  return { type: "forecasts.published", subject: "a model", owner_id: null, payload };
}

async function emit(...events: readonly NewEvent[]): Promise<void> {
  await writeTransaction(server.api.deps, async (_trx, tell) => {
    for (const event of events) tell(event);
  });
  await setImmediate();
}

function countsOf(events: readonly LiveEvent[]): number[] {
  return events.flatMap((event) => (event.type === "forecasts.published" ? [event.payload.count] : []));
}

/** Breaks off every connection, as a proxy does that is restarted. */
function breakConnections(): void {
  for (const connection of connections) connection.destroy();
}

describe.each([
  ["over server-sent events", watch],
  ["over a WebSocket", watchSocket],
])("tRPC's own link for subscriptions, %s,", (_way, watch) => {
  it("gets typed events with their ids", async () => {
    const { access_token } = await signUp();
    using ada = watch(() => access_token, { topics: ["transactions"] });
    await ada.until(1);
    const caller = server.api.caller(access_token);
    const { id } = await caller.transactions.create({
      tx_hash: "0x1",
      tx_type: "deposit",
      amount: "1",
      details: {},
    });
    await ada.until(2);
    expect(ada.events).toMatchObject([
      { type: "stream.opened" },
      { type: "transaction.logged", subject: id, payload: { tx_type: "deposit", suggestion_id: null } },
    ]);
    expect(ada.ids).toEqual(ada.events.map((event) => event.id));
  });

  it("goes on after the last event when the connection breaks, as often as it does", async () => {
    const { access_token } = await signUp();
    using ada = watch(() => access_token, { topics: ["forecasts"] });
    await ada.until(1);
    let count = 0;
    for (let connection = 0; connection < 3; connection += 1) {
      await emit(published(count), published(count + 1));
      await ada.until(count + 3);
      breakConnections();
      // Nobody reads when these happen.
      await emit(published(count + 2), published(count + 3));
      count += 4;
      await ada.until(count + 1);
    }
    expect(countsOf(ada.events)).toEqual(Array.from({ length: count }, (_, number) => number));
    expect(ada.urls.length).toBe(4);
  }, 120_000);

  it("loses nothing when the connection breaks before the first event", async () => {
    const { access_token } = await signUp();
    using ada = watch(() => access_token, { topics: ["forecasts"] });
    await ada.until(1);
    breakConnections();
    await emit(published(7));
    await ada.until(2);
    expect(countsOf(ada.events)).toEqual([7]);
  }, 60_000);

  it("goes on with a new token when the old one expires, without a gap, and puts none into a URL", async () => {
    const { access_token, refresh_token } = await signUp();
    let token = access_token;
    using ada = watch(() => token, { topics: ["forecasts"] });
    await ada.until(1);
    server.api.clock.advance(31 * 60_000);
    token = (await server.api.caller().auth.refresh({ refresh_token })).access_token;
    await emit(published(1));
    await ada.until(2);
    await emit(published(2));
    await ada.until(3);
    expect(countsOf(ada.events)).toEqual([1, 2]);
    expect(ada.urls.length).toBeGreaterThan(1);
    for (const url of ada.urls) expect(url).not.toMatch(/eyJ|token/i);
  }, 60_000);

  it("ends with the error of the catalogue when the session has ended", async () => {
    const { access_token } = await signUp();
    using ada = watch(() => access_token);
    await ada.until(1);
    await server.api.caller(access_token).auth.logout();
    const error = await ada.error;
    expect(error.data).toMatchObject({ app_code: "TOKEN_INVALID", code: "UNAUTHORIZED" });
    expect(ada.events.map(({ type }) => type)).toEqual(["stream.opened", "session.ended"]);
  });
});

describe("a subscription over tRPC", () => {
  it("is refused to whoever has a token in the URL only", async () => {
    const { access_token } = await signUp();
    const parameters = encodeURIComponent(
      JSON.stringify({ authorization: `Bearer ${access_token}`, token: access_token }),
    );
    const { status } = await send(server.url, {
      path: `/trpc/events.follow?connectionParams=${parameters}&access_token=${access_token}`,
    });
    expect(status).toBe(401);
  });

  it("gives the same messages as over REST", async () => {
    const { access_token } = await signUp();
    const headers = { authorization: `Bearer ${access_token}` };
    const input = encodeURIComponent(JSON.stringify({ topics: ["forecasts"] }));
    using trpc = await readStream(`${server.url}/trpc/events.follow?input=${input}`, headers);
    using rest = await readStream(`${server.url}/api/v1/events?topics=forecasts`, headers);
    const seen = [await trpc.message(), await rest.message()];
    expect(seen.map((event) => event?.type)).toEqual(["stream.opened", "stream.opened"]);
    await emit(published(1), published(2));
    for (let read = 0; read < 2; read += 1) expect(await trpc.message()).toEqual(await rest.message());
    expect(trpc.headers["cache-control"]).toBe(rest.headers["cache-control"]);
    expect(trpc.headers["x-request-id"]).toEqual(expect.any(String));
  });

  it.each([
    ["in a batch", "/trpc/events.follow?batch=1", "GET"],
    ["in a batch with a query", "/trpc/events.follow,auth.me?batch=1", "GET"],
    ["by POST", "/trpc/events.follow", "POST"],
  ])("is no stream %s", async (_name, path, method) => {
    const { access_token } = await signUp();
    const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
    const body = method === "POST" ? "{}" : undefined;
    const response = await send(server.url, { method, path, headers, body });
    expect([path, response.status]).toEqual([
      path,
      expect.toSatisfy((status) => status >= 400 && status < 500),
    ]);
    expect(response.headers.get("content-type")).toContain("json");
  });

  it("is iterated in process, message by message", async () => {
    const { access_token } = await signUp();
    const stream = await server.api.caller(access_token).events.follow({ topics: ["forecasts"] });
    const counts: number[] = [];
    for await (const { data: event } of stream) {
      if (event.type === "stream.opened") await emit(published(1), published(2));
      else counts.push(...countsOf([event]));
      if (counts.length === 2) break;
    }
    expect(counts).toEqual([1, 2]);
  });
});
