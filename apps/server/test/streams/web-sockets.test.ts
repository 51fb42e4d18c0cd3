import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createConnection, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { AppRouter } from "@obsqra/client";
import {
  type CallTurns,
  createCallLimiter,
  createLimitPolicies,
  type NewEvent,
  writeTransaction,
} from "@obsqra/platform";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    env: { CORS_ORIGINS: ["https://app.example.org"] },
    limits: { webSocketMessagesPerMinute: 40, webSocketsPerAddress: 3 },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** What tRPC sends over a WebSocket. */
interface Message {
  readonly id: number | null;
  readonly method?: string;
  readonly result?: { readonly type: string; readonly data?: { readonly data: { readonly id: string } } };
  readonly error?: { readonly message: string; readonly data: { readonly app_code: string } };
}

/** A WebSocket that is read message by message. */
interface Reader extends AsyncDisposable {
  readonly socket: WebSocket;
  /** The code with which it was closed. */
  readonly closed: Promise<number>;
  send(message: unknown): void;
  /** Waits for the next message but heartbeats; undefined at the end. */
  next(): Promise<Message | undefined>;
}

function open({ url }: TestServer, options: ClientOptions = {}, query = ""): WebSocket {
  return new WebSocket(`${url.replace("http", "ws")}/trpc${query}`, options);
}

async function connect(to: TestServer, options: ClientOptions = {}, query = ""): Promise<Reader> {
  const socket = open(to, options, query);
  const waiting: Message[] = [];
  let wake = () => {};
  socket.on("message", (data) => {
    if (!["PING", "PONG"].includes(String(data))) waiting.push(JSON.parse(String(data)) as Message);
    wake();
  });
  const closed = once(socket, "close").then(([code]) => {
    wake();
    return code as number;
  });
  await once(socket, "open");
  return {
    socket,
    closed,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: async () => {
      while (waiting.length === 0 && socket.readyState !== WebSocket.CLOSED) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return waiting.shift();
    },
    [Symbol.asyncDispose]: async () => {
      socket.terminate();
      await closed;
    },
  };
}

/** The response to who asks for a WebSocket and does not get one. */
async function refusal(socket: WebSocket): Promise<{ status: number | undefined; body: string }> {
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

function follow(id: number, input: object = {}): object {
  return { id, method: "subscription", params: { path: "events.follow", input } };
}

function published(source: string, count: number): NewEvent {
  const payload = { kind: "risk", source, import_id: "019bc186-de00-7000-8000-a19af8b2bbf6", count } as const;
  return { type: "forecasts.published", subject: "a model", owner_id: null, payload };
}

describe("a WebSocket", () => {
  it("takes subscriptions only, and says so in the form of every error, doing nothing", async () => {
    const { authorization } = await server.signUp("ada@example.org");
    const wsClient = createWSClient({
      url: `${server.url}/trpc`,
      connectionParams: { authorization },
      lazy: { enabled: true, closeMs: 0 },
    });
    onTestFinished(() => wsClient.close());
    const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: wsClient })] });
    const refused = { data: { app_code: "SUBSCRIPTIONS_ONLY", httpStatus: 405 } };
    await expect(client.auth.me.query()).rejects.toMatchObject(refused);
    await expect(
      client.transactions.create.mutate({ tx_hash: "0x1", tx_type: "deposit", amount: "1" }),
    ).rejects.toMatchObject(refused);
    const { items } = await server.api.caller(authorization.slice("Bearer ".length)).transactions.list({});
    expect(items).toEqual([]);
  });

  it("asks who follows: by what is sent first, or a header, and never by its URL", async () => {
    const { authorization } = await server.signUp("bob@example.org");
    const token = encodeURIComponent(authorization);
    await using stranger = await connect(server, {}, `?authorization=${token}&access_token=${token}`);
    stranger.send(follow(1));
    expect(await stranger.next()).toMatchObject({ id: 1, error: { data: { app_code: "UNAUTHENTICATED" } } });
    await using program = await connect(server, { headers: { authorization } });
    program.send(follow(1));
    expect(await program.next()).toEqual({ id: 1, result: { type: "started" } });
  });

  it("refuses a call with the id of an open one as the caller's doing", async () => {
    const { authorization } = await server.signUp("dora@example.org");
    await using reader = await connect(server, { headers: { authorization } });
    reader.send([follow(1), follow(1)]);
    expect(await reader.next()).toMatchObject({
      id: 1,
      error: { data: { code: "BAD_REQUEST", httpStatus: 400, app_code: "VALIDATION_FAILED" } },
    });
  });

  it.each([
    ["not JSON", "{", "MALFORMED_JSON"],
    ["of another shape", { hello: "there" }, "VALIDATION_FAILED"],
    ["without an id", { method: "subscription.stop" }, "VALIDATION_FAILED"],
    ["without params", { id: 1, method: "subscription" }, "VALIDATION_FAILED"],
    ["that is no object", "[7]", "VALIDATION_FAILED"],
    ["of two meanings", '{"id":1,"id":2,"method":"subscription.stop"}', "JSON_AMBIGUOUS"],
    [
      "for what is not there",
      { id: 1, method: "subscription", params: { path: "no.such" } },
      "ROUTE_NOT_FOUND",
    ],
  ])("answers what is %s with an error of the catalogue", async (_what, message, code) => {
    await using reader = await connect(server);
    reader.send(message);
    expect((await reader.next())?.error?.data.app_code).toBe(code);
  });

  it("begins and stops a subscription, whose id may be used again then, and not before", async () => {
    const { authorization } = await server.signUp("carol@example.org");
    await using reader = await connect(server, { headers: { authorization } });
    const read = async () => {
      const { id, result, error } = (await reader.next()) ?? { id: null };
      return [id, result?.type ?? error?.data.app_code];
    };
    for (let time = 0; time < 2; time += 1) {
      reader.send({ ...follow(1), jsonrpc: "2.0" });
      expect([await read(), await read()]).toEqual([
        [1, "started"],
        [1, "data"],
      ]);
      reader.send([follow(1), { id: 2, method: "subscription.stop" }]);
      expect(await read()).toEqual([1, "VALIDATION_FAILED"]);
      reader.send({ id: 1, method: "subscription.stop" });
      expect(await read()).toEqual([1, "stopped"]);
    }
    reader.send(follow(3, { after: "nothing" }));
    expect(await read()).toEqual([3, "VALIDATION_FAILED"]);
  });

  it.each([
    ["not JSON", "{"],
    ["not said first", follow(1)],
    ["of another shape", { method: "connectionParams", data: { authorization: 7 } }],
  ])("is closed when who asks is %s, after an error that says so", async (_what, message) => {
    await using reader = await connect(server, {}, "?connectionParams=1");
    reader.send(message);
    const { id, error } = (await reader.next()) ?? {};
    expect([id, error?.data.app_code]).toEqual([
      null,
      expect.stringMatching(/MALFORMED_JSON|VALIDATION_FAILED/),
    ]);
    expect(await reader.closed).toBe(1005);
  });

  it("answers heartbeats, and refuses bytes", async () => {
    await using reader = await connect(server);
    const answered = once(reader.socket, "message");
    reader.socket.send("PING");
    expect(String((await answered)[0])).toBe("PONG");
    await using other = await connect(server);
    other.socket.send(Buffer.from("{}"));
    expect((await other.next())?.error?.data.app_code).toBe("MALFORMED_REQUEST");
  });

  it("is for pages of the origins that CORS lets in, for its own, and for programs", async () => {
    const origins = ["https://evil.example.org", "null", "https://app.example.org.evil.org"];
    for (const origin of origins) {
      const { status, body } = await refusal(open(server, { origin }));
      expect([origin, status, JSON.parse(body)]).toMatchObject([origin, 403, { code: "ORIGIN_NOT_ALLOWED" }]);
    }
    for (const origin of ["https://app.example.org", server.url, undefined]) {
      await using reader = await connect(server, origin === undefined ? {} : { origin });
      expect(reader.socket.readyState).toBe(WebSocket.OPEN);
    }
  });

  it("is one of a few of its address, and of a bounded length and number of messages", async () => {
    {
      await using flooding = await connect(server);
      await using _second = await connect(server);
      await using long = await connect(server);
      const { status, body } = await refusal(open(server));
      expect([status, body]).toEqual([429, expect.stringContaining('"streams_max":3')]);
      long.send("x".repeat(8 * 1024 + 1));
      expect(await long.closed).toBe(1009);
      for (let count = 0; count <= 40; count += 1) flooding.send("PONG");
      expect(await flooding.closed).toBe(1008);
    }
    await expect.poll(async () => await connect(server).then(dispose, () => "refused")).toBe("open");
  });
});

/** Connects, writes frames as they are, given in hexadecimal, and reads what comes until the end. */
async function writeFrames({ url }: TestServer, frames: string): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  await using socket = await openFrames(hostname, Number(port));
  const read: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => void read.push(chunk)).write(Buffer.from(frames, "hex"));
  await once(socket, "close");
  return Buffer.concat(read);
}

/** A WebSocket on which frames are written as they are. */
async function openFrames(hostname: string, port: number, allowHalfOpen = false): Promise<Socket> {
  const socket = createConnection({ host: hostname, port, allowHalfOpen }).on("error", () => {});
  socket.write(
    `GET /trpc HTTP/1.1\r\nhost: ${hostname}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${"A".repeat(22)}==\r\n\r\n`,
  );
  await once(socket, "data");
  return socket;
}

describe("a connection that asks for nothing, and makes work", () => {
  const mask = "00000000";
  const policyViolation = Buffer.from("03f0", "hex");
  it.each([
    ["pongs that answer nothing", `8a80${mask}`.repeat(5_000)],
    ["pings", `8980${mask}`.repeat(5_000)],
    ["a message in pieces of nothing", `0180${mask}${`0080${mask}`.repeat(5_000)}`],
    ["a message in pieces of a byte", `0180${mask}${`0081${mask}78`.repeat(5_000)}`],
  ])("is ended: by %s", async (_what, frames) => {
    const read = await writeFrames(server, frames);
    expect(read.includes(policyViolation)).toBe(true);
  });

  it.each([
    ["too many pieces", `0180${mask}${`0080${mask}`.repeat(20)}`],
    ["reserved bits", `f180${mask}`],
    ["its own farewell", `8882${mask}03e8`],
  ])(
    "is ended soon, however much it goes on to send: after %s",
    async (_what, frames) => {
      const { hostname, port } = new URL(server.url);
      await using socket = await openFrames(hostname, Number(port));
      socket.write(Buffer.from(frames, "hex"));
      const flood = setInterval(() => socket.write(Buffer.alloc(1024)), 20);
      await new Promise((resolve) => socket.once("close", resolve));
      clearInterval(flood);
      // A heartbeat without an answer would end it only later.
    },
    20_000,
  );

  it("is not heard any more once it was ended", async () => {
    await using telling = await startTestServer({
      limits: { webSocketMessagesPerMinute: 2 },
      debug: true,
    });
    const failures = () => telling.logLines.filter((line) => line.includes("over a WebSocket failed")).length;
    const { hostname, port } = new URL(telling.url);
    await using socket = await openFrames(hostname, Number(port));
    // Each fails, and the third is one too many.
    const call = Buffer.from('{"id":1,"method":"subscription","params":{"path":"no.such"}}');
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 + call.length]), Buffer.from(mask, "hex"), call]);
    socket.write(Buffer.concat(Array.from({ length: 500 }, () => frame)));
    await once(socket.resume(), "close");
    expect(failures()).toBeLessThanOrEqual(3);
    expect(failures()).toBeGreaterThan(0);
  });

  it("gets one error for a batch of too many calls, and is ended by as many errors as it may send messages", async () => {
    await using reader = await connect(server);
    reader.send(Array.from({ length: 21 }, (_, id) => ({ id })));
    expect(await reader.next()).toMatchObject({
      id: null,
      error: {
        message: expect.stringContaining("at most 20 calls"),
        data: { app_code: "VALIDATION_FAILED" },
      },
    });
    const params = { path: "no.such" };
    const batch = Array.from({ length: 20 }, (_, id) => ({ id, method: "subscription", params }));
    for (let count = 0; count < 3; count += 1) reader.send(batch);
    await reader.closed;
    let errors = 0;
    while ((await reader.next()) !== undefined) errors += 1;
    expect(errors).toBeLessThan(60);
  });
});

describe("what comes over a WebSocket is paid for", () => {
  /** A server that counts, and a way to see how many points of the address are left, which takes one. */
  async function startCounted(ipPerMinute: number) {
    const counted = await startTestServer({
      createCallLimiter: (deps) =>
        createCallLimiter({ ...deps, policies: createLimitPolicies({ ipPerMinute }) }),
    });
    onTestFinished(() => counted[Symbol.asyncDispose]());
    const remaining = async () => {
      const { headers } = await fetch(`${counted.url}/api/v1/auth/me`);
      return Number(/r=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1]);
    };
    return { counted, remaining };
  }

  it("costs a point of its address to connect", async () => {
    const { counted, remaining } = await startCounted(1_000);
    const before = await remaining();
    for (let count = 0; count < 5; count += 1) await dispose(await connect(counted));
    // One for the second look.
    expect(before - (await remaining())).toBe(5 + 1);
  });

  it("has room in a message for a token, and for as many subscriptions as an account may have", async () => {
    const { authorization } = await server.signUp("eve@example.org");
    await using reader = await connect(server, {}, "?connectionParams=1");
    reader.send({ method: "connectionParams", data: { authorization } });
    const topics = ["forecasts", "market", "suggestions", "transactions", "security"];
    const position = "9".repeat(18);
    const input = { topics, after: `0-${position}` };
    // The last has a bad id, so that all of the message was read.
    const bad = { ...input, after: `${position}-${position}.` };
    reader.send(Array.from({ length: 20 }, (_, id) => follow(id, id === 19 ? bad : input)));
    let last: Message | undefined;
    while (last?.id !== 19) last = await reader.next();
    expect(last.error?.data.app_code).toBe("VALIDATION_FAILED");
  });

  it("costs a point a message, and nothing a heartbeat", async () => {
    const { counted, remaining } = await startCounted(1_000);
    await using reader = await connect(counted);
    const before = await remaining();
    for (let count = 0; count < 10; count += 1) reader.send("PONG");
    for (let count = 0; count < 5; count += 1) reader.send("{");
    for (let count = 0; count < 5; count += 1) await reader.next();
    expect(before - (await remaining())).toBe(5 + 1);
  });

  it("costs a hundred points to send a message that is too long, of which no more is read", async () => {
    const { counted, remaining } = await startCounted(1_000);
    await using reader = await connect(counted);
    const before = await remaining();
    const points = 200;
    reader.send("x".repeat(points * 32 * 1024));
    expect([1006, 1009]).toContain(await reader.closed);
    // And some, of what had come already.
    const paid = before - (await remaining());
    expect(paid).toBeGreaterThan(100);
    expect(paid).toBeLessThan(100 + points / 10);
  });

  it("decodes no message when no points are left: the connection ends, and the address gets no other", async () => {
    const { counted } = await startCounted(20);
    await using reader = await connect(counted);
    await using other = await connect(counted);
    // Each that is decoded gets an error.
    for (let count = 0; count < 100; count += 1) reader.send("[".repeat(8_000));
    expect([1006, 1008]).toContain(await reader.closed);
    other.send("{");
    expect([1006, 1008]).toContain(await other.closed);
    let decoded = 0;
    while ((await reader.next()) !== undefined) decoded += 1;
    // Two points are for the connections.
    expect(decoded).toBeLessThanOrEqual(20 - 2);
    expect((await refusal(open(counted))).status).toBe(429);
  });

  it("reads messages one at a time on a connection, each in its turn among all of the address", async () => {
    const begun: (() => void)[] = [];
    const callers = new Set<string>();
    const callTurns: CallTurns = {
      begin: async (caller) => {
        callers.add(caller);
        await new Promise<void>((resolve) => begun.push(resolve));
      },
      inTurn: async (_ownerId, work) => await work(),
      write: async (_ownerId, work) => await work(),
      lookUp: async (_network, work) => await work(),
    };
    await using waiting = await startTestServer({ deps: { callTurns } });
    await using first = await connect(waiting);
    await using second = await connect(waiting);
    for (const reader of [first, second]) for (let count = 0; count < 5; count += 1) reader.send("{");
    // One of each connection.
    await expect.poll(() => begun.length, { interval: 5 }).toBe(2);
    for (let turn = 2; turn < 10; turn += 1) {
      begun[turn - 2]?.();
      await expect.poll(() => begun.length, { interval: 5 }).toBe(turn + 1);
    }
    expect([...callers]).toEqual(["127.0.0.1"]);
    for (const resolve of begun) resolve();
    for (const reader of [first, second]) {
      for (let count = 0; count < 5; count += 1) {
        expect((await reader.next())?.error?.data.app_code).toBe("MALFORMED_JSON");
      }
    }
    expect(begun).toHaveLength(10);
  });
});

async function dispose(reader: Reader): Promise<string> {
  await reader[Symbol.asyncDispose]();
  return "open";
}

it("cuts off who does not read, who learns how to go on, and loses nothing", async () => {
  // Events as large as these fill what the connection holds soon.
  const marketSource = "s".repeat(50_000);
  await using slow = await startTestServer({ marketSource, streams: { waitingMax: 100 } });
  const { authorization } = await slow.signUp("ada@example.org");
  await using reader = await connect(slow, { headers: { authorization } });
  reader.send(follow(1));
  await reader.next();
  await reader.next();
  reader.socket.pause();
  const total = 300;
  for (let count = 0; count < total; count += 50) {
    await writeTransaction(slow.api.deps, async (_trx, tell) => {
      for (let index = 0; index < 50; index += 1) tell(published(marketSource, count + index));
    });
    await new Promise(setImmediate);
  }
  reader.socket.resume();
  const counts: unknown[] = [];
  let last: string | undefined;
  let end: Message | undefined;
  for (let id = 1; counts.length < total; ) {
    const message = await reader.next();
    const event = message?.result?.data?.data as { id: string; payload: { count: number } } | undefined;
    if (message?.error !== undefined) {
      end = message;
      id += 1;
      reader.send(follow(id, { after: last }));
    } else if (event !== undefined) {
      last = event.id;
      counts.push(event.payload.count);
    }
  }
  expect(end?.error).toMatchObject({
    message: expect.stringContaining("Connect again with the id of the last event"),
    data: { app_code: "STREAM_TOO_SLOW" },
  });
  expect(counts).toEqual(Array.from({ length: total }, (_, count) => count));
}, 120_000);

it("cuts off who does not answer a heartbeat, and keeps no place for a stream that nobody reads", async () => {
  const streams = { limits: { total: 9, perOwner: 1, perAddress: 9 } };
  await using quick = await startTestServer({
    streams,
    limits: { webSocketSilenceMs: 50, webSocketAnswerMs: 50 },
  });
  const { authorization } = await quick.signUp("ada@example.org");
  await using silent = await connect(quick, { headers: { authorization } });
  silent.send(follow(1));
  expect(await silent.closed).toBe(1006);
  await expect
    .poll(async () => {
      await using again = await connect(quick, { headers: { authorization } });
      again.send(follow(1));
      await again.next();
      return (await again.next())?.result?.data?.data;
    })
    .toMatchObject({ type: "stream.opened" });
});

it("moves the id on while nothing happens that is followed, so that going on after it is a short way", async () => {
  await using quiet = await startTestServer({ streams: { heartbeatMs: 1, roundMs: 20, resumableMax: 3 } });
  const { authorization } = await quiet.signUp("ada@example.org");
  await using reader = await connect(quiet, { headers: { authorization } });
  reader.send(follow(1, { topics: ["security"] }));
  const idOf = async () => (await reader.next())?.result?.data?.data.id ?? "";
  await reader.next();
  const first = await idOf();
  await writeTransaction(quiet.api.deps, async (_trx, tell) => {
    for (let count = 0; count < 5; count += 1) tell(published("simulated", count));
  });
  let last = first;
  while (last === first) last = await idOf();
  reader.send(follow(2, { topics: ["security"], after: first }));
  reader.send(follow(3, { topics: ["security"], after: last }));
  const outcomes = new Map<number | null, string | undefined>();
  while (outcomes.size < 2) {
    const message = await reader.next();
    if (message === undefined) break;
    const { id, result, error } = message;
    if ((id === 2 || id === 3) && result?.type !== "started")
      outcomes.set(id, error?.data.app_code ?? result?.type);
  }
  expect([outcomes.get(2), outcomes.get(3)]).toEqual(["EVENT_ID_INVALID", "data"]);
});

it("tells its readers to go on elsewhere when the server stops, and closes those that stay", async () => {
  await using stopping = await startTestServer({ limits: { webSocketHandOverMs: 20 } });
  const { authorization } = await stopping.signUp("ada@example.org");
  await using reader = await connect(stopping, { headers: { authorization } });
  reader.send(follow(1));
  await reader.next();
  await reader.next();
  await stopping.app.close();
  expect(await reader.next()).toEqual({ id: null, method: "reconnect" });
  expect(await reader.next()).toBeUndefined();
  expect(await reader.closed).toBe(1012);
});
