import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { deliverEmails, MailerError, queueEmail } from "@obsqra/features";
import { createTestApi, exampleEmails, type TestApi, exampleToken as token } from "@obsqra/features/testing";
import { expect, it } from "vitest";
import { startSmtpServer } from "../../test/mail/start-smtp-server.ts";
import { createSmtpMailer, smtpOptions } from "./smtp-mailer.ts";

const never = new AbortController().signal;
const from = "Obsqra <no-reply@example.org>";
const credentials = { user: "obsqra", password: "swordfish-of-smtp" };
const to = "ada@example.org";
const at = "2026-01-15T12:00:00.000Z";

const outgoing = {
  id: "0197d0a5-0000-7000-8000-000000000000",
  created_at: new Date(at),
  to,
  subject: "Hello",
  text: "Hello",
  html: "<p>Hello</p>",
};

function deliver(api: TestApi, port: number): Promise<boolean> {
  const mailer = createSmtpMailer({ host: "127.0.0.1", port, from, credentials });
  return deliverEmails({ ...api.deps, mailer, appUrl: "https://app.example.org" }, never);
}

async function countWaiting({ deps }: TestApi): Promise<number> {
  return (await deps.db.selectFrom("email_outbox").select("id").execute()).length;
}

it("delivers each kind of mail to a mail server", async () => {
  await using api = await createTestApi();
  await using smtp = await startSmtpServer({ credentials });
  for (const email of exampleEmails) await queueEmail(api.deps, null, email);
  await deliver(api, smtp.port);
  expect(await countWaiting(api)).toBe(0);
  expect(new Set(smtp.received.map(({ mail }) => mail.subject)).size).toBe(exampleEmails.length);
  for (const { mail, source, ...session } of smtp.received) {
    expect(session).toEqual({
      envelopeFrom: "no-reply@example.org",
      envelopeTo: [to],
      isEncrypted: true,
      user: credentials.user,
    });
    expect(mail.from?.value).toEqual([{ name: "Obsqra", address: "no-reply@example.org" }]);
    expect([mail.to].flat().map((each) => each?.text)).toEqual([to]);
    expect([mail.date, mail.headers.get("auto-submitted")]).toEqual([api.clock(), "auto-generated"]);
    expect(mail.messageId).toMatch(/^<[0-9a-f-]{36}@example\.org>$/);
    expect(mail.text).toMatch(/^(If it was not you, |Switch these mails off:)/m);
    expect(mail.html).toContain(`<h1>${mail.subject}</h1>`);
    expect(mail.attachments).toEqual([]);
    expect(source).not.toMatch(/^(Bcc|Cc|X-Mailer):/im);
  }
});

it("delivers a link unbroken, in text and in HTML", async () => {
  await using api = await createTestApi();
  await using smtp = await startSmtpServer({ credentials });
  await queueEmail(api.deps, null, { template: "password_reset", to, token });
  await deliver(api, smtp.port);
  const link = `https://app.example.org/account/reset-password#token=${token}`;
  const [received] = smtp.received;
  expect(received?.mail.text?.split("\n")).toContain(link);
  expect(received?.mail.html).toContain(`href="${link}"`);
});

it("delivers once a mail server that was down is up", async () => {
  await using api = await createTestApi();
  let port: number;
  {
    await using gone = await startSmtpServer({ credentials });
    port = gone.port;
  }
  await queueEmail(api.deps, null, { template: "email_in_use", to });
  await deliver(api, port);
  expect(await countWaiting(api)).toBe(1);
  expect(api.logged.map(({ message }) => message)).toEqual([
    expect.stringContaining("The mail server did not take it (ESOCKET, CONN)."),
  ]);

  await using smtp = await startSmtpServer({ credentials, port });
  await deliver(api, port);
  expect(smtp.received).toEqual([]);
  api.clock.advance(60_000);
  await deliver(api, port);
  await deliver(api, port);
  expect(smtp.received).toHaveLength(1);
  expect(await countWaiting(api)).toBe(0);
});

it("keeps the mail when the mail server refuses the password, and logs neither", async () => {
  await using api = await createTestApi();
  await using smtp = await startSmtpServer({ credentials: { user: "obsqra", password: "another" } });
  await queueEmail(api.deps, null, { template: "password_reset", to, token });
  await deliver(api, smtp.port);
  expect(smtp.received).toEqual([]);
  expect(await countWaiting(api)).toBe(1);
  const log = JSON.stringify(api.logged);
  expect(log).toContain("EAUTH");
  for (const secret of [credentials.password, token, to]) expect(log).not.toContain(secret);
});

it("gives no mail to a server that asks for no password when one is configured", async () => {
  await using smtp = await startSmtpServer();
  const mailer = createSmtpMailer({ host: "127.0.0.1", port: smtp.port, from, credentials });
  await expect(mailer.send(outgoing, never)).rejects.toThrow(MailerError);
  expect(smtp.received).toEqual([]);
});

it("sends without a password where none is configured", async () => {
  await using smtp = await startSmtpServer();
  await createSmtpMailer({ host: "127.0.0.1", port: smtp.port, from }).send(outgoing, never);
  expect([smtp.received.length, smtp.signIns()]).toEqual([1, 0]);
});

// 0.0.0.0 leads to this machine, but not by a name that promises so.
it.each([
  ["offers no TLS", false],
  ["has a certificate of nobody", true],
])("tells a server elsewhere that %s neither password nor mail", async (_, offersStartTls) => {
  await using smtp = await startSmtpServer({ host: "0.0.0.0", credentials, offersStartTls });
  const mailer = createSmtpMailer({ host: "0.0.0.0", port: smtp.port, from, credentials });
  await expect(mailer.send(outgoing, never)).rejects.toThrow(/\((ETLS|ESOCKET), /);
  expect([smtp.received, smtp.signIns()]).toEqual([[], 0]);
});

it("uses a server on this machine without TLS, too", async () => {
  await using smtp = await startSmtpServer({ credentials, offersStartTls: false });
  await createSmtpMailer({ host: "127.0.0.1", port: smtp.port, from, credentials }).send(outgoing, never);
  expect(smtp.received.map(({ isEncrypted }) => isEncrypted)).toEqual([false]);
});

it.each(["smtp.example.org", "203.0.113.7", "localhost.example.org", "127.example.org", "2001:db8::1"])(
  "asks %s for TLS with a certificate that is checked",
  (host) => {
    expect(smtpOptions({ host, port: 587, from })).toMatchObject({
      secure: false,
      requireTLS: true,
      tls: { rejectUnauthorized: true },
    });
    expect(smtpOptions({ host, port: 465, from }).secure).toBe(true);
  },
);

it.each(["localhost", "mail.localhost", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])(
  "takes %s for this machine",
  (host) => {
    expect(smtpOptions({ host, port: 25, from }).requireTLS).toBe(false);
  },
);

it.each([
  ["550 5.1.1 <ada@example.org>: no such mailbox", true],
  ["550 5.1.10 <ada@example.org>: domain takes no mail", true],
  ["550 5.7.1 <ada@example.org>: relaying denied", false],
  ["450 4.1.1 <ada@example.org>: try again later", false],
  ["550 No such mailbox <ada@example.org>", false],
])("knows whether %j means that nobody has the address, and does not repeat it", async (reply, expected) => {
  await using smtp = await startSmtpServer({ refuse: () => reply });
  const sending = createSmtpMailer({ host: "127.0.0.1", port: smtp.port, from }).send(outgoing, never);
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MailerError);
  expect(error).toMatchObject({
    recipientUnknown: expected,
    message: expect.stringContaining(reply.slice(0, 3)),
  });
  expect(String(error)).not.toContain("ada@");
});

it("sends to one address, whatever it looks like", async () => {
  await using smtp = await startSmtpServer();
  const mailer = createSmtpMailer({ host: "127.0.0.1", port: smtp.port, from });
  const hostile = [
    "ada@example.org, eve@example.org",
    "ada@example.org\r\nBcc: eve@example.org",
    "Eve <eve@a.org>",
  ];
  for (const recipient of hostile) {
    await mailer.send({ ...outgoing, to: recipient }, never).catch(() => {});
  }
  for (const { envelopeTo, source } of smtp.received) {
    expect(envelopeTo).toHaveLength(1);
    expect(source).not.toMatch(/^Bcc:/im);
  }
});

it("keeps further headers out of the subject", async () => {
  await using smtp = await startSmtpServer();
  const mailer = createSmtpMailer({ host: "127.0.0.1", port: smtp.port, from });
  await mailer.send({ ...outgoing, subject: "Hello\r\nBcc: eve@example.org\r\n\r\nBody" }, never);
  expect(smtp.received.map(({ envelopeTo }) => envelopeTo)).toEqual([[to]]);
  expect(smtp.received[0]?.source).not.toMatch(/^(Bcc:|Body)/im);
});

it("lets a mail go on a server that says nothing when the process stops", async () => {
  const silent = createServer();
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const { port } = silent.address() as AddressInfo;
  const stop = new AbortController();
  silent.once("connection", () => stop.abort());
  const mailer = createSmtpMailer({ host: "127.0.0.1", port, from }, { stopGraceMs: 0 });
  await expect(mailer.send(outgoing, stop.signal)).rejects.toThrow(/EABORT/);
  silent.close();
});
