import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { send, startTestServer, type TestServer } from "./start-test-server.ts";

const hurried = { headersTimeoutMs: 300, requestTimeoutMs: 600, timeoutCheckMs: 50 };

function open({ url }: TestServer, localAddress?: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, ...(localAddress && { localAddress }) });
  // A server that closes while something is still on its way resets the connection.
  socket.on("error", () => {});
  return socket;
}

/** Waits until the server has closed the connection; gives what it said before. */
async function readUntilClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString();
}

/** Sends the same bytes again and again, as a client does that only wants to hold the connection. */
async function trickle(socket: Socket, start: string, drop: string): Promise<string> {
  socket.write(start);
  const timer = setInterval(() => socket.writable && socket.write(drop), 20);
  try {
    return await readUntilClosed(socket);
  } finally {
    clearInterval(timer);
  }
}

function expectTimeout(response: string) {
  expect(response).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(response).toContain("application/problem+json");
  expect(response).toContain("connection: close");
}

/** Drops that arrive after the response reset the connection, and with it goes what was not read yet. */
function expectCutOff(response: string) {
  if (response !== "") expectTimeout(response);
}

const post =
  "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";

/** The beginning of a request that the server confirms. */
const expecting =
  "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";

function chunkedTo(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`;
}

const chunked =
  "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

it("cuts off who never finishes the headers, drop by drop", async () => {
  await using server = await startTestServer({ limits: hurried });
  expectCutOff(await trickle(open(server), "GET /health HTTP/1.1\r\nhost: x\r\n", "x-a: b\r\n"));
  expect(server.logLines).toEqual([]);
});

it("cuts off who never finishes the body, drop by drop", async () => {
  await using server = await startTestServer({ limits: hurried });
  expectCutOff(await trickle(open(server), post, " "));
  expect(server.logLines).toEqual([]);
});

it("cuts off who connects and says nothing", async () => {
  await using server = await startTestServer({ limits: hurried });
  await readUntilClosed(open(server));
});

it("cuts off a client who sends half a request and falls silent, with a response", async () => {
  await using server = await startTestServer({ limits: hurried });
  for (const half of ["GET /hea", "GET /health HTTP/1.1\r\nhost", `${post}{"email":`]) {
    const socket = open(server);
    socket.write(half);
    expectTimeout(await readUntilClosed(socket));
  }
});

it("cuts off a client who does not read the responses", async () => {
  await using server = await startTestServer({ limits: { silenceTimeoutMs: 300 } });
  const accepted = once(server.app.server, "connection") as Promise<[Socket]>;
  const socket = open(server);
  socket.pause();
  const [far] = await accepted;
  const closed = once(far, "close");
  // More than the buffers between the two hold.
  socket.write("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(400));
  await closed;
  socket.destroy();
});

it("serves others meanwhile, however many hold their connections", async () => {
  await using server = await startTestServer({ limits: { ...hurried, requestsInFlight: 5 } });
  const held = Array.from({ length: 50 }, () => {
    const socket = open(server);
    socket.write(`${post}{`);
    return readUntilClosed(socket);
  });
  expect((await send(server.url, { path: "/health" })).status).toBe(200);
  expect((await send(server.url, { path: "/api/v1/auth/me" })).status).toBe(401);
  for (const response of await Promise.all(held)) expectTimeout(response);
});

it("takes no more connections than its limit, and takes new ones when others have gone", async () => {
  await using server = await startTestServer({ limits: { connections: 3, bodyGraceMs: 60_000 } });
  const held: Socket[] = [];
  for (let count = 0; count < 3; count += 1) {
    const socket = open(server);
    held.push(socket);
    // In the middle of a request: those that ask for nothing make room.
    socket.write(expecting);
    await once(socket, "data");
  }
  expect(await readUntilClosed(open(server))).toBe("");
  for (const socket of held) socket.destroy();
  await vi.waitUntil(
    () =>
      send(server.url, { path: "/health" }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    60_000,
  );
});

describe("who makes work without waiting for responses", () => {
  it.each([
    ["requests by the hundred at once", "GET /health HTTP/1.1\r\nhost: x\r\n\r\n".repeat(900)],
    ["unknown paths by the hundred at once", "GET /x HTTP/1.1\r\nhost: x\r\n\r\n".repeat(900)],
    ["a body in endless chunks of a byte", `${chunked}${"1\r\nx\r\n".repeat(400_000)}`],
    ["a body that nobody reads", `${chunkedTo("/health")}${"1\r\nx\r\n".repeat(400_000)}`],
    ["a body for nobody", `${chunkedTo("/x")}${"1\r\nx\r\n".repeat(400_000)}`],
    [
      "a long body that nobody reads",
      `GET /docs HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n${"x".repeat(2_000_000)}`,
    ],
    [
      "a body with endless extensions of chunks",
      `${chunked}${`1;${"e".repeat(8_000)}\r\nx\r\n`.repeat(200)}`,
    ],
    ["empty lines before any request", "\r\n".repeat(500_000)],
    ["empty lines after a request", `GET /health HTTP/1.1\r\nhost: x\r\n\r\n${"\r\n".repeat(500_000)}`],
  ])("is cut off, and stays so for a while: with %s", async (_what, text) => {
    await using server = await startTestServer({ limits: { timeoutCheckMs: 100 } });
    const socket = open(server, "127.0.0.2");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().write(text);
    await closed;
    expect(await readUntilClosed(open(server, "127.0.0.2"))).toBe("");
    expect((await send(server.url, { path: "/health" })).status).toBe(200);
    // Few calls were made of what was sent.
    expect(server.logLines.length).toBeLessThan(20);
  });

  it.each(["/health", "/nowhere", "/api/v1/auth/me"])(
    "is cut off with all connections of the address for asking too often for %s, and others are served",
    async (path) => {
      await using server = await startTestServer({ limits: { requestsPerSecondOfAddress: 1 } });
      const sockets = Array.from({ length: 3 }, () => open(server, "127.0.0.2"));
      const closed = sockets.map((socket) => readUntilClosed(socket));
      for (const socket of sockets) socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(4));
      const responses = await Promise.all(closed);
      expect(responses.join("").match(/HTTP\/1\.1 \d/g)?.length ?? 0).toBeLessThanOrEqual(4);
      expect(await readUntilClosed(open(server, "127.0.0.2"))).toBe("");
      expect((await send(server.url, { path: "/health" })).status).toBe(200);
    },
  );

  it("may send a few", async () => {
    await using server = await startTestServer();
    const socket = open(server);
    socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n".repeat(7));
    socket.write("GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    expect((await readUntilClosed(socket)).match(/HTTP\/1\.1 200/g)).toHaveLength(8);
  });
});

describe("the connections of one address", () => {
  /** Opens so many at once, of every kind of holding one; gives those that the server leaves open. */
  async function hold(server: TestServer, count: number, localAddress: string): Promise<Socket[]> {
    const { hostname, port } = new URL(server.url);
    const starts = ["", "GET /hea", `${post}{`, "GET /health HTTP/1.1\r\nhost: x\r\n\r\n"];
    const closed = new Set<Socket>();
    const accepted = Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const socket = connect({ port: Number(port), host: hostname, localAddress });
        socket.on("error", () => {}).once("close", () => closed.add(socket));
        await once(socket, "connect");
        socket.write(starts[index % starts.length] ?? "");
        return socket;
      }),
    );
    const sockets = await accepted;
    const openOnes = () => sockets.filter((socket) => !closed.has(socket));
    await vi.waitUntil(() => openOnes().length <= 8, 60_000);
    return openOnes();
  }

  /** Whether a further connection gets a response before it is closed. */
  async function isServed(server: TestServer, localAddress: string): Promise<boolean> {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ port: Number(port), host: hostname, localAddress });
    const closed = new Promise<false>((resolve) => socket.once("close", () => resolve(false)));
    const served = new Promise<true>((resolve) => socket.once("data", () => resolve(true)));
    socket.on("error", () => {}).write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    const outcome = await Promise.race([closed, served]);
    socket.destroy();
    return outcome;
  }

  it("are limited, whatever they do, so that one address cannot shut out the others", async () => {
    await using server = await startTestServer({ limits: { connections: 30, connectionsPerAddress: 8 } });
    const held = await hold(server, 40, "127.0.0.2");
    expect(held).toHaveLength(8);
    expect((await send(server.url, { path: "/health" })).status).toBe(200);
    const warnings = server.logLines.filter((line) => line.includes("TRUSTED_PROXIES"));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("127.0.0.2");
    held.pop()?.destroy();
    await vi.waitUntil(() => isServed(server, "127.0.0.2"), 60_000);
    for (const socket of held) socket.destroy();
  });

  it("make room when there are few left, those first that have waited longest for a request, from however many addresses", async () => {
    await using server = await startTestServer({ limits: { connections: 20, connectionsPerAddress: 8 } });
    const busy = open(server);
    busy.write(
      "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n",
    );
    const held: Socket[] = [];
    for (const address of ["127.0.0.2", "127.0.0.3", "127.0.0.4"])
      held.push(...(await hold(server, 8, address)));
    for (const socket of held) socket.resume();
    const isOpen = (socket: Socket | undefined) => socket?.destroyed === false;
    for (let call = 0; call < 5; call += 1) {
      expect((await send(server.url, { path: "/health" })).status).toBe(200);
    }
    await vi.waitUntil(() => !isOpen(held[0]), 60_000);
    expect(isOpen(held.at(-1))).toBe(true);
    // What has begun to ask is not what makes room.
    expect(isOpen(busy)).toBe(true);
    const response = once(busy, "data");
    busy.write("{}       ");
    expect(String((await response)[0])).toMatch(/^HTTP\/1\.1 4/);
    for (const socket of [busy, ...held]) socket.destroy();
  });

  it("make room where all are in the middle of a request: the one that has taken longest to come", async () => {
    await using server = await startTestServer({
      limits: { connections: 20, connectionsPerAddress: 8, bodyGraceMs: 0 },
    });
    const held: Socket[] = [];
    for (const address of ["127.0.0.2", "127.0.0.3", "127.0.0.4"]) {
      for (let count = 0; count < 8; count += 1) {
        const socket = open(server, address);
        socket.resume();
        socket.write(expecting);
        // Where it has begun, the server says so.
        await Promise.race([once(socket, "data"), once(socket, "close")]);
        held.push(socket);
      }
    }
    for (let call = 0; call < 5; call += 1) {
      expect((await send(server.url, { path: "/health" })).status).toBe(200);
    }
    await vi.waitUntil(() => held[0]?.destroyed, 60_000);
    expect(held.at(-1)?.destroyed).toBe(false);
    for (const socket of held) socket.destroy();
  });

  it("are not limited for a trusted proxy, which has those of many callers", async () => {
    await using server = await startTestServer({
      limits: { connectionsPerAddress: 2 },
      env: { TRUSTED_PROXIES: ["127.0.0.0/8"] },
    });
    const sockets = Array.from({ length: 10 }, () => open(server));
    for (const socket of sockets) {
      socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
      await once(socket, "data");
    }
    for (const socket of sockets) socket.destroy();
  });
});

it("closes a connection after its last request", async () => {
  await using server = await startTestServer({ limits: { requestsPerConnection: 2 } });
  const socket = open(server);
  const responses = readUntilClosed(socket);
  socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(socket, "data");
  socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  expect((await responses).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
});

it("closes a connection that waits too long for its next request", async () => {
  await using server = await startTestServer({ limits: { keepAliveTimeoutMs: 100 } });
  const socket = open(server);
  socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  expect(await readUntilClosed(socket)).toMatch(/^HTTP\/1\.1 200 OK/);
});
