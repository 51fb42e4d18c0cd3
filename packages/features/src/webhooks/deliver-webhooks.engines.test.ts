import { setImmediate } from "node:timers/promises";
import { webhookMessageSchema } from "@obsqra/contract";
import { waitForEvents } from "@obsqra/db/testing";
import { expect, it } from "vitest";
import { createTestApi, type TestApi } from "../testing/index.ts";
import { createReceiver, deliver, happen, listen, refused, taken } from "../testing/webhook-steps.ts";
import { defaultDeliveryLimits, deliverWebhooks } from "./deliver-webhooks.service.ts";
import { attemptsMax } from "./retry-schedule.ts";

const hourMs = 60 * 60 * 1000;
const gone = { status: 410, body: Buffer.from("") };

async function eventsOfWebhooks({ deps }: TestApi) {
  return deps.db
    .selectFrom("events")
    .select(["type", "subject", "payload"])
    .where("type", "like", "webhook.%")
    .execute();
}

it("sends each event of its topics once to each webhook, as a stream gives it, and nobody else's", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp(), await api.signUp()];
  await happen(ada);
  const [one, two] = [await listen(ada, "one"), await listen(ada, "two")];
  await listen(eve, "eve");
  const subjects = [await happen(ada), await happen(ada), await happen(ada)];
  const receiver = createReceiver();
  await deliver(api, receiver);
  await deliver(api, receiver);
  expect(receiver.requests).toHaveLength(6);
  expect(new Set(receiver.ids()).size).toBe(6);
  for (const { url } of [one, two]) {
    const sent = receiver.requests
      .filter((request) => request.url === url)
      .map(({ body }) => JSON.parse(body));
    expect(sent.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
    expect(sent.map((message) => webhookMessageSchema.parse(message))).toEqual(sent);
    expect(sent[0]).toEqual({
      type: "transaction.logged",
      id: expect.stringMatching(/^\d+-\d+$/),
      occurred_at: api.clock().toISOString(),
      subject: expect.any(String),
      payload: { tx_type: "deposit", suggestion_id: null },
    });
  }
  const { items } = await ada.webhooks.deliveries();
  expect(items.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "delivered"));
  expect((await eve.webhooks.deliveries()).items).toEqual([]);
});

it("tries again with the same id and body, and holds back only what is of the same subject", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  await listen(ada);
  const held = await happen(ada);
  let isDown = true;
  const receiver = createReceiver(({ body }) => (isDown && body.includes(held) ? refused : taken));
  await deliver(api, receiver);
  const { db, clock, createId } = api.deps;
  // The next of the same subject, as confirming the transaction tells it.
  await db
    .insertInto("events")
    .values({
      id: createId(),
      type: "transaction.status_changed",
      subject: held,
      owner_id: (await ada.auth.me()).id,
      payload: JSON.stringify({ status: "confirmed" }),
      occurred_at: clock(),
    })
    .execute();
  const other = await happen(ada);
  await deliver(api, receiver);
  expect(receiver.messages().map(({ subject }) => subject)).toEqual([held, other]);
  isDown = false;
  api.clock.advance(10_000);
  await deliver(api, receiver);
  await deliver(api, receiver);
  expect(receiver.messages().map(({ type, subject }) => [type, subject])).toEqual([
    ["transaction.logged", held],
    ["transaction.logged", other],
    ["transaction.logged", held],
    ["transaction.status_changed", held],
  ]);
  const [first, , again] = receiver.requests;
  expect(again?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(again?.body).toBe(first?.body);
  expect(again?.headers["webhook-timestamp"]).not.toBe(first?.headers["webhook-timestamp"]);
});

it("sends what is of other subjects, however many wait behind one that was refused", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  await listen(ada);
  const [held, other] = [await happen(ada), await happen(ada)];
  const receiver = createReceiver(({ body }) => (body.includes(held) ? refused : taken));
  await deliver(api, receiver);
  const { db, clock, createId } = api.deps;
  const owner_id = (await ada.auth.me()).id;
  const event = { type: "transaction.status_changed", owner_id, occurred_at: clock() };
  const payload = JSON.stringify({ status: "confirmed" });
  const subjects = [...Array.from({ length: 40 }, () => held), other];
  await db
    .insertInto("events")
    .values(subjects.map((subject) => ({ ...event, id: createId(), subject, payload })))
    .execute();
  await deliver(api, receiver);
  expect(receiver.messages().map(({ subject }) => subject)).toEqual([held, other, other]);
});

it("rests before it looks for more, so that many messages leave the process to its callers", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  await listen(ada);
  for (let number = 0; number < 3 * defaultDeliveryLimits.perWebhook; number += 1) await happen(ada);
  await waitForEvents(api.deps.db);
  const receiver = createReceiver();
  const sentBeforeRests: number[] = [];
  const pause = async (milliseconds: number) => {
    if (milliseconds === 200) sentBeforeRests.push(receiver.requests.length);
    await setImmediate();
  };
  await deliverWebhooks({ ...api.deps, pause, post: receiver.post }, new AbortController().signal);
  expect(receiver.requests).toHaveLength(12);
  expect(sentBeforeRests.length).toBeGreaterThanOrEqual(3);
});

it("gives a delivery up after a day of attempts, and with it a webhook that takes nothing", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const webhook = await listen(ada);
  await happen(ada);
  const receiver = createReceiver(() => refused);
  for (let hours = 0; hours < 30; hours += 1) {
    // The first attempts are soon after one another.
    for (const _ of [1, 2, 3, 4]) {
      await deliver(api, receiver);
      api.clock.advance(hourMs / 4);
    }
  }
  expect(receiver.requests).toHaveLength(attemptsMax);
  expect(new Set(receiver.ids()).size).toBe(1);
  const [delivery] = (await (await logIn(api, ada)).webhooks.deliveries()).items;
  expect(delivery).toMatchObject({ status: "dead", attempts: attemptsMax, next_attempt_at: null });
  const caller = await logIn(api, ada);
  const { id } = webhook;
  expect(await caller.webhooks.get({ webhook_id: id })).toMatchObject({
    status: "disabled",
    disabled_reason: "failing",
  });
  expect(await eventsOfWebhooks(api)).toEqual([
    { type: "webhook.disabled", subject: id, payload: { reason: "failing" } },
  ]);
  // Nothing is queued meanwhile; what happened is sent by a replay.
  const since = api.clock().toISOString();
  const missed = await happen(caller);
  await deliver(api, receiver);
  expect(receiver.requests).toHaveLength(attemptsMax);
  await caller.webhooks.resume({ webhook_id: id });
  expect(await caller.webhooks.replay_events({ webhook_id: id, since })).toEqual({
    queued: 1,
    continue_since: null,
  });
  const sound = createReceiver();
  await deliver(api, sound);
  expect(sound.messages().map(({ subject }) => subject)).toEqual([missed]);
});

it("keeps a webhook that has taken others while one was refused", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id } = await listen(ada);
  const poisoned = await happen(ada);
  const receiver = createReceiver(({ body }) => (body.includes(poisoned) ? refused : taken));
  await deliver(api, receiver);
  api.clock.advance(1_000);
  await happen(ada);
  await deliver(api, receiver);
  for (let attempt = 1; attempt < attemptsMax; attempt += 1) {
    api.clock.advance(8 * hourMs);
    await deliver(api, receiver);
  }
  const caller = await logIn(api, ada);
  expect(await caller.webhooks.get({ webhook_id: id })).toMatchObject({ status: "active" });
  const { items } = await caller.webhooks.deliveries({ status: "dead" });
  expect(items.map(({ subject }) => subject)).toEqual([poisoned]);
  expect(await eventsOfWebhooks(api)).toEqual([]);
});

it("disables a webhook whose receiver says that it is gone", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id } = await listen(ada);
  await happen(ada);
  await deliver(
    api,
    createReceiver(() => gone),
  );
  expect(await ada.webhooks.get({ webhook_id: id })).toMatchObject({
    status: "disabled",
    disabled_reason: "gone",
  });
  expect(await eventsOfWebhooks(api)).toHaveLength(1);
});

it("has each delivery sent by one process at a time, however many deliver", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  await listen(ada);
  for (let number = 0; number < 12; number += 1) await happen(ada);
  let underWay = 0;
  let most = 0;
  const receiver = createReceiver(async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    underWay -= 1;
    return taken;
  });
  await Promise.all([1, 2, 3].map(() => deliver(api, receiver)));
  await deliver(api, receiver);
  expect(receiver.requests).toHaveLength(12);
  expect(new Set(receiver.ids()).size).toBe(12);
  expect(most).toBeLessThanOrEqual(defaultDeliveryLimits.perWebhook);
});

it("sends again what a process was sending that has died, with the same id", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  await listen(ada);
  await happen(ada);
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: answer, resolve: respond } = Promise.withResolvers<typeof taken>();
  const lost = createReceiver(() => {
    begin();
    return answer;
  });
  const dying = deliver(api, lost);
  await begun;
  const heir = createReceiver();
  await deliver(api, heir);
  expect(heir.requests).toEqual([]);
  // Its lease runs out by the clock of the database.
  await api.deps.db
    .updateTable("webhook_deliveries")
    .set({ leased_until: new Date(0) })
    .execute();
  await deliver(api, heir);
  expect(heir.ids()).toEqual(lost.ids());
  respond(taken);
  await dying;
  const { items } = await ada.webhooks.deliveries();
  expect(items).toMatchObject([{ status: "delivered", attempts: 2 }]);
});

it("lets no slow receiver hold up another", async () => {
  await using api = await createTestApi();
  const [slow, quick] = [await api.signUp(), await api.signUp()];
  await listen(slow, "slow");
  await listen(quick, "quick");
  const { promise: end, resolve: respond } = Promise.withResolvers<typeof taken>();
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const { perWebhook } = defaultDeliveryLimits;
  const arrived = { slow: 0, quick: 0 };
  const receiver = createReceiver(({ url }) => {
    const isSlow = url.endsWith("/slow");
    arrived[isSlow ? "slow" : "quick"] += 1;
    if (arrived.quick === 5 && arrived.slow === perWebhook) finish();
    return isSlow ? end : taken;
  });
  for (let number = 0; number < 20; number += 1) await happen(slow);
  for (let number = 0; number < 5; number += 1) await happen(quick);
  const delivering = deliver(api, receiver, { ...defaultDeliveryLimits, perProcess: 6 });
  await done;
  expect(receiver.requests.filter(({ url }) => url.endsWith("/slow"))).toHaveLength(perWebhook);
  respond(taken);
  await delivering;
  expect(receiver.requests).toHaveLength(25);
});

it.each([
  ["hang", refused],
  ["take what they are sent, slowly", taken],
] as const)(
  "keeps places for others, however many accounts have receivers that %s",
  async (_how, outcome) => {
    await using api = await createTestApi();
    const hanging = [];
    for (let number = 0; number < 6; number += 1) hanging.push(await api.signUp());
    const quick = await api.signUp();
    for (const caller of hanging) {
      await listen(caller, "hanging");
      await happen(caller);
    }
    await deliver(
      api,
      createReceiver(() => outcome),
    );
    // As long as a receiver takes that responds at the last moment.
    await api.deps.db.updateTable("webhook_attempts").set({ duration_ms: 4_900 }).execute();
    for (const caller of hanging) for (let number = 0; number < 3; number += 1) await happen(caller);
    await listen(quick, "quick");
    // The newest of all.
    for (let number = 0; number < 5; number += 1) await happen(quick);
    const { promise: end, resolve: respond } = Promise.withResolvers<typeof taken>();
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const arrived = { hanging: 0, quick: 0 };
    const receiver = createReceiver(({ url }) => {
      const isHanging = url.endsWith("/hanging");
      arrived[isHanging ? "hanging" : "quick"] += 1;
      if (arrived.quick === 5) finish();
      return isHanging ? end : taken;
    });
    const delivering = deliver(api, receiver, {
      ...defaultDeliveryLimits,
      perProcess: 4,
      failingPerProcess: 2,
    });
    await done;
    expect(arrived.hanging).toBeLessThanOrEqual(2);
    respond(taken);
    await delivering;
    expect(arrived).toEqual({ hanging: 6 * 3, quick: 5 });
  },
);

it("takes whom it sends next by chance, not who has waited longest", async () => {
  await using api = await createTestApi();
  const many = [];
  for (let number = 0; number < 4; number += 1) many.push(await api.signUp());
  for (const [index, caller] of many.entries()) await listen(caller, `many-${index}`);
  for (const caller of many) for (let number = 0; number < 8; number += 1) await happen(caller);
  const newest = await api.signUp();
  await listen(newest, "newest");
  await happen(newest);
  const receiver = createReceiver(async () => {
    api.clock.advance(1);
    return taken;
  });
  await deliver(api, receiver, { ...defaultDeliveryLimits, perProcess: 1 });
  const place = receiver.requests.findIndex(({ url }) => url.endsWith("/newest"));
  // Of those before it, there are 32.
  expect(place).toBeLessThan(20);
});

it("sends nothing of an account that is about to be deleted, and forgets it with the account", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  await listen(ada);
  await happen(ada);
  await ada.users.schedule_deletion();
  const receiver = createReceiver();
  await deliver(api, receiver);
  expect(receiver.requests).toEqual([]);
});

/** The same user, signed in again: the session has ended meanwhile. */
async function logIn(api: TestApi, _caller: unknown) {
  const [user] = await api.deps.db.selectFrom("users").select("email").execute();
  const tokens = await api.caller().auth.login({
    email: user?.email ?? "",
    password: "correct horse battery",
  });
  return api.caller(tokens.access_token);
}
