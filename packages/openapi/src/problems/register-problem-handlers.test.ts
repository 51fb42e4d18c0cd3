import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createEchoApp } from "../../test/echo-app.ts";

describe("paths and methods", () => {
  it("sends a problem for an unknown path, whatever is sent there", async () => {
    const app = await createEchoApp();
    for (const url of ["/", "/api/v1/nothing", "/api/v1/transactions/0x1/more", "/API/v1/auth/me"]) {
      const response = await app.inject({
        method: "POST",
        url,
        payload: "{",
        headers: { "content-type": "application/json" },
      });
      expect([url, response.statusCode, response.json().code]).toEqual([url, 404, "ROUTE_NOT_FOUND"]);
      expect(response.headers["x-request-id"]).toBe(response.json().request_id);
    }
  });

  it("names the methods of a known path", async () => {
    const app = await createEchoApp();
    const response = await app.inject({ method: "DELETE", url: "/api/v1/transactions/?limit=5" });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe("GET, HEAD, POST");
    expect(response.json()).toMatchObject({
      code: "METHOD_NOT_ALLOWED",
      detail: "This path takes GET and POST only.",
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
    const response = await app.inject({ url: "/boom" });
    expect(response.json().code).toBe("INTERNAL_ERROR");
    expect(response.body).not.toContain("secret");
    expect(lines.filter((line) => line.includes("secret"))).toHaveLength(1);
  });

  it("sends a problem for a URL that cannot be decoded", async () => {
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
    const response = Buffer.concat(chunks).toString();
    expect(response).toMatch(/^HTTP\/1.1 400 /);
    expect(response).toContain("application/problem+json");
    expect(response).toContain('"code":"MALFORMED_REQUEST"');
  });
});
