import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, vi } from "vitest";
import { send, startTestServer } from "../test/wire/start-test-server.ts";

interface Line {
  readonly level: number;
  readonly reqId?: string;
  readonly req?: { readonly path: string };
  readonly msg: string;
}

it("writes one line for each request, and none for health checks", async () => {
  await using server = await startTestServer({ debug: true });
  const [me, missing] = await Promise.all([
    send(server.url, { path: "/api/v1/auth/me?token=hunter2" }),
    send(server.url, { method: "POST", path: "/nothing" }),
    send(server.url, { path: "/health" }),
    send(server.url, { path: "/health/?full" }),
    send(server.url, { path: "/ready" }),
  ]);
  await vi.waitUntil(() => requestLines(server.logLines).length >= 2, 60_000);
  const byPath = requestLines(server.logLines).toSorted((left, right) =>
    pathOf(left) < pathOf(right) ? -1 : 1,
  );
  expect(byPath).toEqual(
    [["GET", "/api/v1/auth/me", 401, me] as const, ["POST", "/nothing", 404, missing] as const].map(
      ([method, path, statusCode, { headers }]) => ({
        level: 30,
        time: expect.any(Number),
        pid: expect.any(Number),
        hostname: expect.any(String),
        reqId: headers.get("x-request-id"),
        req: { method, path, ip: "127.0.0.1" },
        res: { statusCode },
        responseTime: expect.any(Number),
        msg: "request completed",
      }),
    ),
  );
});

it("writes one for a request whose sender does not wait for the response, too", async () => {
  await using server = await startTestServer({ debug: true });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.write(
    "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\ncontent-type: application/json\r\n\r\n{",
  );
  await once(server.app.server, "request");
  socket.destroy();
  await vi.waitUntil(() => requestLines(server.logLines).length > 0, 60_000);
  expect(requestLines(server.logLines)).toMatchObject([
    { req: { path: "/api/v1/auth/login" }, msg: "request aborted" },
  ]);
});

function requestLines(lines: readonly string[]): Line[] {
  return lines.map((line) => JSON.parse(line) as Line).filter(({ req }) => req !== undefined);
}

function pathOf({ req }: Line): string {
  return req?.path ?? "";
}
