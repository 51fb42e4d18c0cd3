import { expect, it } from "vitest";
import { sendBytes } from "./send-bytes.ts";
import { send, sendJson, startTestServer } from "./start-test-server.ts";

const lineBreaks = ["\r\n", "\n", "\r", "%0d%0a", "%0a", "%E5%98%8A%E5%98%8D", "\\r\\n"];

it("lets no input add a header or a second response (header injection, response splitting)", async () => {
  await using server = await startTestServer();
  for (const lineBreak of lineBreaks) {
    const planted = `x${lineBreak}set-cookie: planted=1${lineBreak}${lineBreak}HTTP/1.1 200 OK`;
    const requests = [
      `GET /api/v1/transactions/${planted} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      `GET /nowhere?next=${planted} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      `GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${planted}\r\nConnection: close\r\n\r\n`,
      `GET /health HTTP/1.1\r\nHost: x\r\nOrigin: https://${planted}\r\nConnection: close\r\n\r\n`,
      `GET /health HTTP/1.1\r\nHost: ${planted}\r\nConnection: close\r\n\r\n`,
    ];
    for (const request of requests) {
      const response = await sendBytes(server.url, request);
      const [head = ""] = response.split("\r\n\r\n", 1);
      expect([request, head]).toEqual([request, expect.stringMatching(/^HTTP\/1\.1 \d{3} /)]);
      expect(head.toLowerCase()).not.toMatch(/^set-cookie:/m);
    }
  }
});

it("names a request itself: an id that a caller sends is not taken over", async () => {
  await using server = await startTestServer();
  const headers = { "x-request-id": "chosen-by-the-caller", "request-id": "chosen-by-the-caller" };
  const response = await send(server.url, { path: "/api/v1/auth/me", headers });
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

it("writes one line of JSON per event, whatever a request contains (log injection)", async () => {
  await using server = await startTestServer({ debug: true });
  const forged = '{"level":60,"msg":"forged"}';
  const inputs = lineBreaks.map((lineBreak) => `x${lineBreak}${forged}${lineBreak}\u001b[31m`);
  for (const input of inputs) {
    await sendBytes(
      server.url,
      `GET /${input} HTTP/1.1\r\nHost: x\r\nUser-Agent: ${input}\r\nConnection: close\r\n\r\n`,
    );
    await send(server.url, { path: `/api/v1/transactions/${encodeURIComponent(input)}` });
    await sendJson(server.url, { path: "/api/v1/auth/login", json: { email: input, password: input } });
    await sendJson(server.url, { path: "/trpc/auth.register", json: input });
  }
  await server.api.deps.db.schema.alterTable("auth_sessions").renameTo(`gone\n${forged}`).execute();
  const json = { email: "ada@example.org", password: "correct horse battery", full_name: forged };
  expect((await sendJson(server.url, { path: "/api/v1/auth/register", json })).status).toBe(500);

  expect(server.logLines.length).toBeGreaterThan(inputs.length);
  for (const line of server.logLines) {
    expect(line).toMatch(/^\{\P{Cc}*\}\n$/u);
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    expect([level, msg]).not.toEqual([60, "forged"]);
  }
});
