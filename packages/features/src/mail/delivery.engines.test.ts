import { randomBytes } from "node:crypto";
import { createSealer } from "@obsqra/platform";
import { describe, expect, it } from "vitest";
import { createTestApi, type TestApi } from "../testing/index.ts";
import { deliverEmails } from "./delivery.service.ts";
import type { Email } from "./email.ts";
import { type Mailer, MailerError, type OutgoingEmail } from "./mailer.ts";
import { queueEmail } from "./outbox.service.ts";

const minuteMs = 60_000;
const token = "a-token-that-nobody-may-see";
const never = new AbortController().signal;

/** A mail server: keeps what it takes, or refuses. */
function createTestMailer() {
  const taken: OutgoingEmail[] = [];
  const state: { refuse?: Error } = {};
  const mailer: Mailer = {
    send: async (email) => {
      if (state.refuse !== undefined) throw state.refuse;
      taken.push(email);
    },
  };
  return { taken, state, mailer };
}

function deliver(api: TestApi, mailer: Mailer, signal = never): Promise<boolean> {
  return deliverEmails({ ...api.deps, mailer, appUrl: "https://app.example.org" }, signal);
}

function queue(api: TestApi, email: Partial<Email> = {}): Promise<void> {
  const reset = { template: "password_reset", to: "ada@example.org", token };
  return queueEmail(api.deps, null, { ...reset, ...email } as Email);
}

function waiting(api: TestApi) {
  return api.deps.db
    .selectFrom("email_outbox")
    .select(["attempts", "next_attempt_at", "sealed"])
    .orderBy("id")
    .execute();
}

it("sends what was handed in, and forgets it", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  await queue(api);
  await queue(api, { to: "eve@example.org" });
  await deliver(api, mailer);
  expect(taken.map(({ to }) => to).sort()).toEqual(["ada@example.org", "eve@example.org"]);
  expect(taken[0]?.text).toContain(`https://app.example.org/account/reset-password#token=${token}`);
  expect(await waiting(api)).toEqual([]);
  await deliver(api, mailer);
  expect(taken).toHaveLength(2);
});

it("sends all that is due, however much it is", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  for (let count = 0; count < 23; count += 1) await queue(api, { to: `user-${count}@example.org` });
  await deliver(api, mailer);
  expect(new Set(taken.map(({ to }) => to)).size).toBe(23);
  expect(taken).toHaveLength(23);
});

it("stores neither recipient nor link in a readable form", async () => {
  await using api = await createTestApi();
  await queue(api);
  const [row] = await waiting(api);
  const stored = Buffer.from(row?.sealed ?? []).toString("latin1");
  expect(stored).not.toMatch(/ada|example|password_reset|token/);
});

it("sends no mail whose transaction was rolled back", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  const transaction = api.deps.db.transaction().execute(async (trx) => {
    const email = { template: "email_in_use", to: "ada@example.org" } as const;
    await queueEmail({ ...api.deps, db: trx }, null, email);
    throw new Error("rolled back");
  });
  await expect(transaction).rejects.toThrow("rolled back");
  await deliver(api, mailer);
  expect(taken).toEqual([]);
});

it("sends each mail once when several servers deliver at once", async () => {
  await using api = await createTestApi();
  const mailers = Array.from({ length: 4 }, createTestMailer);
  for (let count = 0; count < 40; count += 1) await queue(api, { to: `user-${count}@example.org` });
  await Promise.all(mailers.map(({ mailer }) => deliver(api, mailer)));
  const recipients = mailers.flatMap(({ taken }) => taken.map(({ to }) => to));
  expect(new Set(recipients).size).toBe(40);
  expect(recipients).toHaveLength(40);
});

it("tries again after 1, 2, 4 and so on to 60 minutes, with the same id", async () => {
  await using api = await createTestApi();
  const { mailer, taken, state } = createTestMailer();
  await queue(api);
  const [queued] = await api.deps.db.selectFrom("email_outbox").select("id").execute();
  state.refuse = new MailerError("The mail server does not respond.", { recipientUnknown: false });
  for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
    await deliver(api, mailer);
    const [row] = await waiting(api);
    expect(row?.next_attempt_at).toEqual(new Date(api.clock().getTime() + minutes * minuteMs));
    api.clock.advance(minutes * minuteMs - 1);
    const attempts = row?.attempts;
    await deliver(api, mailer);
    expect((await waiting(api))[0]?.attempts).toBe(attempts);
    api.clock.advance(1);
  }
  delete state.refuse;
  await deliver(api, mailer);
  expect(taken.map(({ id }) => id)).toEqual([queued?.id]);
  expect(await waiting(api)).toEqual([]);
});

it("sends again a mail whose server died after claiming it", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  await queue(api);
  const began = Promise.withResolvers<void>();
  const dying: Mailer = {
    send: () => {
      began.resolve();
      return new Promise<never>(() => {});
    },
  };
  void deliver(api, dying);
  await began.promise;
  await deliver(api, mailer);
  expect(taken).toEqual([]);
  api.clock.advance(minuteMs);
  await deliver(api, mailer);
  expect(taken).toHaveLength(1);
});

it("gives a mail up after a day, and logs it", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  await queue(api);
  api.clock.advance(24 * 60 * minuteMs);
  await deliver(api, mailer);
  expect(taken).toEqual([]);
  expect(await waiting(api)).toEqual([]);
  expect(api.logged.at(-1)?.message).toBe("A mail was given up: it could not be sent for a day.");
});

it("gives a mail up at once when nobody has the address", async () => {
  await using api = await createTestApi();
  const { mailer, state } = createTestMailer();
  await queue(api);
  state.refuse = new MailerError("The mail server knows no such mailbox.", { recipientUnknown: true });
  await deliver(api, mailer);
  expect(await waiting(api)).toEqual([]);
  expect(api.logged.at(-1)?.message).toBe("A mail was given up: The mail server knows no such mailbox.");
});

it("opens mail that was sealed before the secret was rotated", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  await queueEmail({ ...api.deps, sealer: createSealer(["the old secret"], randomBytes) }, null, {
    template: "email_in_use",
    to: "ada@example.org",
  });
  const sealer = createSealer(["the new secret", "the old secret"], randomBytes);
  await deliverEmails({ ...api.deps, sealer, mailer, appUrl: "https://app.example.org" }, never);
  expect(taken).toHaveLength(1);
});

it("drops a mail whose key is gone, and sends the others", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  const lost = createSealer(["a secret that is gone"], randomBytes);
  await queueEmail({ ...api.deps, sealer: lost }, null, { template: "email_in_use", to: "eve@example.org" });
  await queue(api);
  await deliver(api, mailer);
  expect(taken.map(({ to }) => to)).toEqual(["ada@example.org"]);
  expect(await waiting(api)).toEqual([]);
  expect(api.logged.map(({ message }) => message)).toContain(
    "A mail was dropped: it is sealed with a key that is not configured any more.",
  );
});

it("keeps a mail of a template that only a newer version knows", async () => {
  await using api = await createTestApi();
  const { mailer, taken } = createTestMailer();
  // No type of this version knows it.
  await queue(api, { template: "of_another_version" } as unknown as Partial<Email>);
  await deliver(api, mailer);
  expect(taken).toEqual([]);
  expect(await waiting(api)).toHaveLength(1);
});

it("begins no further mail once it is asked to stop", async () => {
  await using api = await createTestApi();
  const stop = new AbortController();
  const { mailer, taken } = createTestMailer();
  for (let count = 0; count < 12; count += 1) await queue(api);
  const stopping: Mailer = {
    send: async (email, signal) => {
      await mailer.send(email, signal);
      stop.abort();
    },
  };
  await deliver(api, stopping, stop.signal);
  expect(taken.length).toBeLessThan(12);
  expect(taken.length + (await waiting(api)).length).toBe(12);
});

describe("the log", () => {
  it.each([
    new Error(`550 <ada@example.org>: refused ${token}`),
    new MailerError("The mail server does not respond.", { recipientUnknown: false }),
    `ada@example.org ${token}`,
  ])("names a failure without address and content: %s", async (refusal) => {
    await using api = await createTestApi();
    const { mailer, state } = createTestMailer();
    await queue(api);
    state.refuse = refusal as Error;
    await deliver(api, mailer);
    const [logged] = api.logged;
    expect(logged?.message).toContain("A mail was not sent: ");
    expect(logged?.facts).toMatchObject({ template: "password_reset", attempts: 1 });
    expect(JSON.stringify(api.logged)).not.toMatch(/ada@|a-token-that/);
  });
});
