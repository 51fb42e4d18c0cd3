import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createRawServer } from "node:net";
import type { TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import { testCertificate } from "../testing/test-certificate.ts";
import { postGuarded } from "./send-guarded.ts";

const message = { headers: { "content-type": "application/json" }, body: '{"a":"ä"}' };
const here = async () => ["127.0.0.1"];

/** A receiver on this machine that ends with the test. */
async function startReceiver(respond: RequestListener, { isTls = false, host = "127.0.0.1" } = {}) {
  const server = isTls ? createTlsServer(testCertificate, respond) : createServer(respond);
  server.listen(0, host);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function post(url: string, options: Partial<Parameters<typeof postGuarded>[1]> = {}) {
  return postGuarded({ url, ...message }, { rules: "any", resolve: here, ...options });
}

it("sends a POST and gives status and body", async () => {
  const received: unknown[] = [];
  await using receiver = await startReceiver((request, response) => {
    request.setEncoding("utf8").on("data", (body) => {
      received.push(request.method, request.url, request.headers["content-length"], body);
      response.writeHead(202).end("taken");
    });
  });
  const outcome = await post(`http://receiver.example:${receiver.port}/a?b=c`);
  expect(outcome).toEqual({ status: 202, body: Buffer.from("taken") });
  expect(received).toEqual(["POST", "/a?b=c", "10", message.body]);
});

it("shows the certificate's host its name, and connects to the address that was judged", async () => {
  let name: unknown;
  const receive: RequestListener = ({ socket }, response) => {
    name = (socket as TLSSocket).servername;
    response.end();
  };
  await using receiver = await startReceiver(receive, { isTls: true });
  const url = (host: string) => `https://${host}:${receiver.port}/`;
  const { cert: ca } = testCertificate;
  expect(await post(url("receiver.example"), { ca })).toMatchObject({ status: 200 });
  expect(name).toBe("receiver.example");
  // Another name, or a certificate that nobody vouches for.
  expect(await post(url("other.example"), { ca })).toEqual({ failure: "tls_failed" });
  expect(await post(url("receiver.example"))).toEqual({ failure: "tls_failed" });
});

it("follows no redirect", async () => {
  let calls = 0;
  await using receiver = await startReceiver((_request, response) => {
    calls += 1;
    response.writeHead(307, { location: "/other" }).end();
  });
  expect(await post(`http://127.0.0.1:${receiver.port}/`)).toMatchObject({ status: 307 });
  expect(calls).toBe(1);
});

it("refuses a name of which any address is not public, before it connects", async () => {
  let calls = 0;
  await using receiver = await startReceiver((_request, response) => {
    calls += 1;
    response.end();
  });
  const answers = [
    ["127.0.0.1"],
    ["1.1.1.1", "127.0.0.1"],
    ["10.0.0.1", "1.1.1.1"],
    ["2606:4700::1111", "::1"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["169.254.169.254"],
    ["fe80::1%1"],
    ["nonsense"],
  ];
  for (const found of answers) {
    const outcome = await post("https://rebinding.example:8443/", {
      rules: "public",
      resolve: async () => found,
    });
    expect([found, outcome]).toEqual([found, { failure: "address_refused" }]);
  }
  const url = `https://127.0.0.1:${receiver.port}/`;
  expect(await post(url, { rules: "public" })).toEqual({ failure: "url_refused" });
  expect(await post("https://127.0.0.1/", { rules: "public" })).toEqual({ failure: "address_refused" });
  expect(await post("http://example.org/", { rules: "public" })).toEqual({ failure: "url_refused" });
  expect(calls).toBe(0);
});

it("asks for a name once, so that it cannot lead elsewhere when it is connected to", async () => {
  let calls = 0;
  await using receiver = await startReceiver((_request, response) => {
    calls += 1;
    response.end();
  });
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    // Nobody listens at the first; the second would be the one that must not be reached.
    return asked.length === 1 ? ["127.0.0.2"] : ["127.0.0.1"];
  };
  const outcome = await post(`http://rebinding.example:${receiver.port}/`, { resolve });
  expect(outcome).toEqual({ failure: "connection_failed" });
  expect([asked, calls]).toEqual([["rebinding.example"], 0]);
});

it.each<[string, RequestListener]>([
  ["does not respond", () => {}],
  ["says that it goes on", (_request, response) => void response.writeProcessing()],
])("gives up a receiver that %s", async (_name, respond) => {
  await using receiver = await startReceiver(respond);
  const outcome = await post(`http://127.0.0.1:${receiver.port}/`, { timeoutMs: 100 });
  expect(outcome).toEqual({ failure: "timed_out" });
});

it("gives up a name server that does not respond, and a name that nobody knows", async () => {
  const silent = () => new Promise<never>(() => {});
  const url = "http://silent.example/";
  expect(await post(url, { resolve: silent, timeoutMs: 50 })).toEqual({ failure: "timed_out" });
  const unknown = () => Promise.reject(new Error("No such name."));
  expect(await post(url, { resolve: unknown })).toEqual({ failure: "name_not_found" });
});

it("takes the word of a receiver whose body does not end, is too long or breaks off, and reads no more", async () => {
  const bodies: Readonly<Record<string, RequestListener>> = {
    endless: (_request, response) => {
      const more = () => {
        while (response.write("x".repeat(10_000))) {}
      };
      response.on("drain", more);
      more();
    },
    slow: (_request, response) => void response.write("begun"),
    dripping: (_request, response) => {
      response.write("begun");
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    },
    broken: (_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("begun", () => response.destroy());
    },
  };
  for (const [name, respond] of Object.entries(bodies)) {
    await using receiver = await startReceiver(respond);
    const outcome = await post(`http://127.0.0.1:${receiver.port}/`, {
      // Longer than the test may take: the body has a time of its own.
      timeoutMs: 600_000,
      bodyBytesMax: 25_000,
    });
    if (!("status" in outcome)) throw new Error(`${name}: ${outcome.failure}`);
    expect([name, outcome.status]).toEqual([name, 200]);
    if (name === "dripping") expect(Buffer.from(outcome.body).toString()).toMatch(/^begunx*$/);
    else expect(outcome.body.length).toBe(name === "endless" ? 25_000 : 5);
  }
});

it("does not read a head without end", async () => {
  await using receiver = await startReceiver((_request, response) => {
    response.writeHead(200, { "x-long": "x".repeat(20_000) }).end();
  });
  expect(await post(`http://127.0.0.1:${receiver.port}/`)).toEqual({ failure: "connection_failed" });
});

it.each([
  ["switches protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
  [
    "goes on and switches protocols",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
  ],
  ["switches protocols without saying to which", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["goes on and on", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["hints and says no more", "HTTP/1.1 103 Early Hints\r\n\r\n"],
  ["speaks no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["says nothing", ""],
  ["breaks off in its first line", "HTTP/1.1 2"],
])("comes to an end with a receiver that %s, whether it then hangs up or not", async (_, bytes) => {
  for (const hangsUp of [true, false]) {
    const server = createRawServer((socket) => {
      socket.on("error", () => {});
      if (hangsUp) socket.end(bytes);
      else socket.write(bytes);
    });
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const outcome = await post(`http://receiver.example:${port}/`, { timeoutMs: 500 });
    // Node takes a 101 that names no protocol for a response; it is no success either.
    expect(["failure" in outcome, "status" in outcome && outcome.status === 101]).toContain(true);
    server.close();
  }
});
