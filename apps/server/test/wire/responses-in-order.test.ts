import { expect, it } from "vitest";
import { sendBytes } from "./send-bytes.ts";
import { startTestServer } from "./start-test-server.ts";

const refresh = '{"refresh_token":"none"}';
const whole = `POST /api/v1/auth/refresh HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${refresh.length}\r\n\r\n${refresh}`;

/** The statuses of everything that comes back. */
async function statusesOf(url: string, bytes: string, isLast = true): Promise<number[]> {
  const text = await sendBytes(url, bytes, isLast);
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

it("serves what came before an unreadable request, then refuses that", async () => {
  await using server = await startTestServer();
  expect(await statusesOf(server.url, `${whole}nonsense\r\n\r\n`, false)).toEqual([401, 400]);
});

it("refuses a request that breaks off at once, without waiting for its rest", async () => {
  await using server = await startTestServer();
  const head = "POST /api/v1/auth/refresh HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n";
  const broken = `${head}content-type: application/json\r\n\r\n5\r\nab`;
  expect(await statusesOf(server.url, `${whole}${broken}`)).toEqual([401, 400]);
  // Refused for its content type before that, and not twice.
  expect(await statusesOf(server.url, `${whole}${head}\r\n5\r\nab`)).toEqual([401, 415]);
});

it("serves a request without a host, or with an unknown expectation, like any other", async () => {
  await using server = await startTestServer();
  for (const [header, status, code] of [
    ["accept: */*", 400, "MALFORMED_REQUEST"],
    ["host: x\r\nexpect: 200-ok", 401, "UNAUTHENTICATED"],
  ] as const) {
    const request = `GET /api/v1/auth/me HTTP/1.1\r\n${header}\r\nconnection: close\r\n\r\n`;
    const text = await sendBytes(server.url, request);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain(`"code":"${code}"`);
  }
});

it("refuses a request for two hosts", async () => {
  await using server = await startTestServer();
  expect(
    await statusesOf(server.url, "GET /health HTTP/1.1\r\nhost: x\r\nHost: y\r\nconnection: close\r\n\r\n"),
  ).toEqual([400]);
});

it.each(["host: x\r\n", ""])(
  "ends the connection after a request to change the protocol, with %j in its head",
  async (host) => {
    await using server = await startTestServer();
    const asking = `POST /api/v1/auth/refresh HTTP/1.1\r\n${host}content-type: application/json\r\nupgrade: websocket\r\nconnection: upgrade\r\ncontent-length: ${refresh.length}\r\n\r\n${refresh}`;
    // Left open, and not for the last time: the server ends it, or this waits for good.
    expect(await statusesOf(server.url, `${whole}${asking}${whole}`, false)).toEqual([
      401,
      host === "" ? 400 : 401,
    ]);
  },
);
