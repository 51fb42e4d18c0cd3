import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createEchoApp } from "../../test/echo-app.ts";

describe("paths and methods", () => {
  it("answers an unknown path with a problem, whatever is sent there", async () => {
    const app = await createEchoApp();
    for (const url of ["/", "/api/v1/nothing", "/api/v1/transactions/0x1/more", "/API/v1/auth/me"]) {
      const answer = await app.inject({
        method: "POST",
        url,
        payload: "{",
        headers: { "content-type": "application/json" },
      });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 404, "ROUTE_NOT_FOUND"]);
      expect(answer.headers["x-request-id"]).toBe(answer.json().request_id);
    }
  });

  it("names the methods of a known path", async () => {
    const app = await createEchoApp();
    const answer = await app.inject({ method: "DELETE", url: "/api/v1/transactions/?limit=5" });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD, POST");
    expect(answer.json()).toMatchObject({
      code: "METHOD_NOT_ALLOWED",
      detail: "This path answers GET and POST only.",
      details: { allowed: ["GET", "POST"] },
    });
    const one = await app.inject({ method: "PUT", url: "/api/v1/transactions/0x1" });
    expect([one.statusCode, one.headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  it("knows the routes of the host too, but not a catch-all", async () => {
    const app = await createEchoApp({
      routes: (host) => {
        host.get("/health", () => ({ ok: true }));
        host.options("*", () => "");
      },
    });
    expect((await app.inject({ method: "POST", url: "/health" })).headers.allow).toBe("GET, HEAD");
    expect((await app.inject({ method: "POST", url: "/nothing" })).statusCode).toBe(404);
  });
});

describe("errors of the host", () => {
  it("hides and logs what a route throws", async () => {
    const lines: string[] = [];
    const app = await createEchoApp({
      server: { logger: { stream: { write: (line: string) => lines.push(line) } } },
      routes: (host) => {
        host.get("/boom", () => {
          throw new Error("secret");
        });
      },
    });
    const answer = await app.inject({ url: "/boom" });
    expect(answer.json().code).toBe("INTERNAL_ERROR");
    expect(answer.body).not.toContain("secret");
    expect(lines.filter((line) => line.includes("secret"))).toHaveLength(1);
  });

  it("answers a URL that cannot be decoded with a problem", async () => {
    const app = await createEchoApp();
    await app.listen({ port: 0, host: "127.0.0.1" });
    const address = app.server.address();
    if (typeof address !== "object" || address === null) throw new Error("The app is not listening.");
    const socket = connect(address.port, "127.0.0.1");
    socket.end("GET /api/v1/transactions/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(socket, "close");
    await app.close();
    const answer = Buffer.concat(chunks).toString();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain("application/problem+json");
    expect(answer).toContain('"code":"MALFORMED_REQUEST"');
  });
});
