import { deliverEmails } from "@obsqra/features";
import { alertMailsTo, signUpHolder, writeAllAlerts } from "@obsqra/features/testing";
import { createCallLimiter, createLimitPolicies } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { setNostra } from "../../test/mail/pause-protocol.ts";
import { startSmtpServer, type TestSmtpServer } from "../../test/mail/start-smtp-server.ts";
import { expectRefusal } from "../../test/wire/expect-refusal.ts";
import { send, startTestServer, type TestServer } from "../../test/wire/start-test-server.ts";
import { createSmtpMailer } from "../email/smtp-mailer.ts";

let server: TestServer;
let smtp: TestSmtpServer;

beforeAll(async () => {
  server = await startTestServer();
  smtp = await startSmtpServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await smtp[Symbol.asyncDispose]();
});

const oneClick = "List-Unsubscribe=One-Click";

/** A user who was just mailed that a protocol is paused, with what the mail server got. */
async function mailAlert() {
  const user = await signUpHolder(server.api);
  await setNostra(server.api.deps, "paused");
  await writeAllAlerts(server.api);
  await setNostra(server.api.deps, "active");
  const mailer = createSmtpMailer({
    host: "127.0.0.1",
    port: smtp.port,
    from: "Obsqra <no-reply@example.org>",
  });
  const sites = { appUrl: server.url, publicUrl: server.url };
  await deliverEmails({ ...server.api.deps, ...sites, mailer }, new AbortController().signal);
  const received = smtp.received.findLast(({ envelopeTo }) => envelopeTo.includes(user.email));
  const source = received?.source ?? "";
  const link = /^List-Unsubscribe: <(\S+)>\r?$/m.exec(source)?.[1] ?? "";
  const path = link.slice(server.url.length);
  const wantsAlerts = async () => (await user.caller.users.profile()).preferences.email_alerts_enabled;
  return { ...user, source, link, path, wantsAlerts };
}

it("mails the address of one-click unsubscribing in one line, as RFC 8058 has it, and both links in the text", async () => {
  const { source, link } = await mailAlert();
  expect(source).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m);
  const url = new URL(link);
  expect([url.origin, url.pathname]).toEqual([server.url, "/account/unsubscribe"]);
  const mail = smtp.received.at(-1)?.mail;
  expect(mail?.text).toContain(link);
  expect(mail?.text).toContain(`${server.url}/account/preferences`);
  expect(String(mail?.html)).toContain(`href="${link}"`);
  // What is about security cannot be ended.
  const others = smtp.received.filter(({ mail: { subject } }) => !/protocol/.test(subject ?? ""));
  expect(others.length).toBeGreaterThan(0);
  for (const other of others) expect(other.source).not.toMatch(/^List-/m);
});

it.each([
  ["as a form", "application/x-www-form-urlencoded", oneClick],
  [
    "as a form of parts",
    "multipart/form-data; boundary=b",
    `--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n`,
  ],
  ["with nothing", undefined, undefined],
])("ends alerts by one POST without signing in, %s, and again harmlessly", async (_name, type, body) => {
  const { path, wantsAlerts, email } = await mailAlert();
  const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
  for (const _ of ["once", "again"]) {
    const response = await send(server.url, { method: "POST", path, headers, body });
    expect([response.status, response.headers.get("location")]).toEqual([200, null]);
    expect(response.body).toContain("You get no more alerts by email.");
    expect(await wantsAlerts()).toBe(false);
  }
  await setNostra(server.api.deps, "paused");
  await writeAllAlerts(server.api);
  await setNostra(server.api.deps, "active");
  expect(await alertMailsTo(server.api, email)).toEqual([]);
});

it("ends nothing by GET or HEAD, however often, and shows a page that asks", async () => {
  const { path, wantsAlerts } = await mailAlert();
  for (const method of ["GET", "HEAD", "GET"]) {
    const { status, headers, body } = await send(server.url, { method, path });
    expect(status).toBe(200);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    if (method === "GET") expect(body).toMatch(/<form method="post">[\s\S]*<button type="submit">/);
    expect(body).not.toMatch(/<script|<img| on\w+=/);
  }
  expect(await wantsAlerts()).toBe(true);
});

it("changes nothing with a token that it has not made, and says so", async () => {
  const { path, wantsAlerts } = await mailAlert();
  const wrong = [
    "/account/unsubscribe",
    "/account/unsubscribe?token=",
    "/account/unsubscribe?token=a&token=b",
    `${path.slice(0, -6)}`,
    `/account/unsubscribe?token=${"a".repeat(5_000)}`,
  ];
  for (const other of wrong) {
    for (const method of ["GET", "POST"]) {
      const { status, body } = await send(server.url, { method, path: other });
      expect([other, method, status]).toEqual([other, method, 400]);
      expect(body).toContain("Nothing was changed");
    }
  }
  expect(await wantsAlerts()).toBe(true);
});

it("reads no more of a body than a form of one field takes", async () => {
  const { path, wantsAlerts } = await mailAlert();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { status } = await send(server.url, { method: "POST", path, headers, body: "a".repeat(5_000) });
  expect(status).toBe(413);
  expect(await wantsAlerts()).toBe(true);
});

it.each([
  ["POST", "/account/unsubscribe"],
  ["GET", "/account/unsubscribe"],
])("refuses %s %s beyond the limit of an address, and changes nothing", async (method, page) => {
  const policies = createLimitPolicies({ ipPerMinute: 2 });
  // Of the server only: what the test does in process is not counted by it.
  const callLimiter = createCallLimiter({ ...server.api.deps, policies });
  await using limited = await startTestServer({ deps: { callLimiter } });
  const { caller, unsubscription } = await signUpHolder(limited.api);
  const path = `${page}?token=${unsubscription}`;
  for (const status of [200, 200]) expect((await send(limited.url, { method, path })).status).toBe(status);
  await caller.users.update_preferences({ email_alerts_enabled: true });
  const refused = await send(limited.url, { method, path });
  const { details } = expectRefusal(refused, "RATE_LIMITED", "rest");
  const seconds = Number(refused.headers.get("retry-after"));
  expect(details).toEqual({ policy: "ip", retry_after_seconds: seconds });
  expect(seconds).toBeGreaterThan(0);
  expect((await caller.users.profile()).preferences.email_alerts_enabled).toBe(true);
  // Of one limit with calls.
  expect((await send(limited.url, { path: "/api/v1/version" })).status).toBe(429);
});

it("logs no token", async () => {
  const { path } = await mailAlert();
  await send(server.url, { method: "POST", path });
  await send(server.url, { path });
  const token = new URLSearchParams(path.split("?")[1]).get("token") ?? "none";
  expect(server.logLines.join("\n")).not.toContain(token);
});
