import type { AuditLog, Sessions } from "@obsqra/contract";
import { describe, expect, it } from "vitest";
import { password, send, sendJson, startTestServer, type TestServer } from "./start-test-server.ts";

/** What the service remembers of a request: where it came from and how the device describes itself. */
interface Remembered {
  readonly ip: string | null;
  readonly user_agent: string | null;
}

const client = "203.0.113.9";

/** Registers with the given headers, and reads what the session and the audit log say about it. */
async function remember(server: TestServer, headers: Record<string, string>): Promise<Remembered> {
  const json = { email: `${server.api.deps.createId()}@example.org`, password, full_name: "Ada" };
  const registered = await sendJson(server.url, { path: "/api/v1/auth/register", headers, json });
  const { access_token } = JSON.parse(registered.body) as { access_token: string };
  const read = async (path: string) => {
    const authorization = `Bearer ${access_token}`;
    const { body } = await send(server.url, { path: `/api/v1${path}`, headers: { authorization } });
    return JSON.parse(body) as unknown;
  };
  const sessions = (await read("/auth/sessions")) as Sessions;
  const auditLog = (await read("/users/audit-log")) as AuditLog;
  const [fromSession, fromLog] = [...sessions.items, ...auditLog.items].map(({ ip, user_agent }) => ({
    ip,
    user_agent,
  }));
  expect(fromLog).toEqual(fromSession);
  return fromSession ?? { ip: null, user_agent: null };
}

async function rememberIp(server: TestServer, forwardedFor: string): Promise<string | null> {
  return (await remember(server, { "x-forwarded-for": forwardedFor })).ip;
}

describe("the address that a request comes from", () => {
  it("is that of the connection, whatever X-Forwarded-For says, unless a proxy is trusted", async () => {
    for (const TRUSTED_PROXIES of [[], ["10.0.0.1", "192.0.2.0/24"]]) {
      await using server = await startTestServer({ env: { TRUSTED_PROXIES } });
      expect(await rememberIp(server, client)).toBe("127.0.0.1");
      const others = { forwarded: `for=${client}`, "x-real-ip": client, "true-client-ip": client };
      expect((await remember(server, others)).ip).toBe("127.0.0.1");
    }
  });

  it("is what a trusted proxy says", async () => {
    for (const proxy of ["127.0.0.1", "127.0.0.0/8", "::ffff:127.0.0.1", "::ffff:127.0.0.0/104"]) {
      await using server = await startTestServer({ env: { TRUSTED_PROXIES: [proxy] } });
      expect(await rememberIp(server, client)).toBe(client);
      expect((await remember(server, {})).ip).toBe("127.0.0.1");
    }
  });

  it("is the nearest one that is not a trusted proxy, whatever the caller put before it", async () => {
    await using server = await startTestServer({ env: { TRUSTED_PROXIES: ["127.0.0.1", "10.0.0.0/8"] } });
    expect(await rememberIp(server, `1.1.1.1, ${client}`)).toBe(client);
    expect(await rememberIp(server, `1.1.1.1, ${client}, 10.0.0.7`)).toBe(client);
  });

  it("has one spelling", async () => {
    await using server = await startTestServer({ env: { TRUSTED_PROXIES: ["127.0.0.1"] } });
    expect(await rememberIp(server, `::ffff:${client}`)).toBe(client);
    expect(await rememberIp(server, "2001:DB8:0:0::0001")).toBe("2001:db8::1");
  });

  it("is an address: anything else that a trusted proxy hands on is not taken over", async () => {
    await using server = await startTestServer({ env: { TRUSTED_PROXIES: ["127.0.0.1"] } });
    const texts = [
      "unknown",
      "_hidden",
      "1",
      "0x7f000001",
      "'; drop table users; --",
      `${client}:`,
      `[${client}]`,
    ];
    for (const nonsense of [
      ...texts,
      `${client}:5000:1`,
      "[::1",
      "2001:db8::1]:443",
      `for=${client}`,
      '""',
      "",
    ]) {
      expect([nonsense, await rememberIp(server, nonsense)]).toEqual([nonsense, "127.0.0.1"]);
    }
  });

  it("may come with a port, in brackets or in quotes, from proxies that write it so", async () => {
    await using server = await startTestServer({
      env: { TRUSTED_PROXIES: ["127.0.0.1", "10.0.0.0/8", "fd00::/8"] },
    });
    for (const [text, address] of [
      [`${client}:5678`, client],
      [`"${client}:5678"`, client],
      ["[2001:db8::1]:443", "2001:db8::1"],
      ['"[2001:db8::1]:443"', "2001:db8::1"],
      ["[2001:DB8::1]", "2001:db8::1"],
      [`[::ffff:${client}]:1`, client],
      [`${client}:5678, 10.0.0.7:443`, client],
      [`${client},[fd00::7]:443 , 10.0.0.7`, client],
      [`1.1.1.1, ${client}:80`, client],
    ] as const) {
      expect([text, await rememberIp(server, text)]).toEqual([text, address]);
    }
  });

  it("is not read from Forwarded, which a proxy that writes X-Forwarded-For may let through", async () => {
    await using server = await startTestServer({ env: { TRUSTED_PROXIES: ["127.0.0.1"] } });
    const headers = { "x-forwarded-for": client, forwarded: "for=192.0.2.66" };
    expect((await remember(server, headers)).ip).toBe(client);
    expect((await remember(server, { forwarded: "for=192.0.2.66" })).ip).toBe("127.0.0.1");
  });

  it("of IPv4 on a dual-stack socket is written as IPv4", async () => {
    await using server = await startTestServer({ host: "::" });
    expect((await remember(server, {})).ip).toBe("127.0.0.1");
  });
});

describe("the device's description of itself", () => {
  const describeDevice = async (server: TestServer, userAgent: string) =>
    (await remember(server, { "user-agent": userAgent })).user_agent;

  it("is kept as it is, cut at 512 characters", async () => {
    await using server = await startTestServer();
    expect(await describeDevice(server, "Firefox/150.0 (X11; Linux)")).toBe("Firefox/150.0 (X11; Linux)");
    expect(await describeDevice(server, "x".repeat(5000))).toBe("x".repeat(512));
    expect((await remember(server, {})).user_agent).toBeNull();
  });

  it("is kept without control characters, so that it cannot forge a line of a log or of a mail", async () => {
    await using server = await startTestServer();
    const forged = "Firefox\t\u0085\u009b31m 150";
    expect(await describeDevice(server, forged)).toBe("Firefox 31m 150");
    expect(await describeDevice(server, "\t")).toBeNull();
  });
});
