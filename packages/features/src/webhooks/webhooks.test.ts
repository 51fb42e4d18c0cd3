import { webhooksMax } from "@obsqra/contract";
import { waitForEvents } from "@obsqra/db/testing";
import { createSealer } from "@obsqra/platform";
import { Webhook as Verifier } from "standardwebhooks";
import { expect, it } from "vitest";
import { codeOf, createTestApi, readEvents, readMails, type TestApi } from "../testing/index.ts";
import { createReceiver, deliver, happen, listen, refused } from "../testing/webhook-steps.ts";
import { deliverWebhooks } from "./deliver-webhooks.service.ts";
import { renewSecrets } from "./renew-secrets.service.ts";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const url = "https://example.org/obsqra";
const topics = ["transactions" as const];

/** The reference implementation compares timestamps with the time of this machine. */
function toPresent({ clock }: TestApi): void {
  clock.advance(Date.now() - clock().getTime());
}

async function signUpKeyed(api: TestApi) {
  const ada = await api.signUp("ada@example.org");
  const { key } = await ada.auth.create_api_key({ name: "Bot", scopes: ["webhooks:read", "webhooks:write"] });
  return { ada, bot: api.caller(key) };
}

it("tells the owner of a new webhook, by mail without its URL, and in the audit log without its path", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const { id, secret } = await ada.webhooks.create({ url: "https://example.org/a?token=hidden", topics });
  const at = api.clock().toISOString();
  expect(await readMails(api)).toContainEqual({
    template: "webhook_created",
    to: "ada@example.org",
    at,
    topics,
  });
  await ada.webhooks.rotate_secret({ webhook_id: id });
  await ada.webhooks.pause({ webhook_id: id });
  await ada.webhooks.delete({ webhook_id: id });
  const events = (await readEvents(api, "ada@example.org")).filter(({ type }) => type.startsWith("webhook"));
  expect(events).toEqual([
    { type: "webhook_created", details: { id, host: "example.org", topics } },
    { type: "webhook_secret_rotated", details: { id } },
    { type: "webhook_changed", details: { id, status: "paused" } },
    { type: "webhook_deleted", details: { id, host: "example.org" } },
  ]);
  expect(JSON.stringify([events, await readMails(api)])).not.toMatch(/hidden|whsec/);
  expect(secret).toMatch(/^whsec_/);
});

it("changes nothing, and tells nobody, where a webhook is as it is to be", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const { id: webhook_id, secret: _, ...webhook } = await ada.webhooks.create({ url, topics });
  await ada.webhooks.pause({ webhook_id });
  const before = await ada.webhooks.get({ webhook_id });
  api.clock.advance(1_000);
  for (const same of [{}, { url }, { topics }, { url: "https://EXAMPLE.org/obsqra", topics }]) {
    expect(await ada.webhooks.update({ webhook_id, ...same })).toEqual(before);
  }
  expect(await ada.webhooks.pause({ webhook_id })).toEqual(before);
  expect(before).toMatchObject({ ...webhook, status: "paused" });
  await ada.users.update_profile({ full_name: (await ada.auth.me()).full_name });
  const types = (await readEvents(api, "ada@example.org")).map(({ type }) => type);
  expect(types.filter((type) => type === "webhook_changed")).toHaveLength(1);
  expect(types).not.toContain("profile_changed");
});

it("shows a secret once, and keeps it sealed", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { secret, ...webhook } = await listen(ada);
  expect(await ada.webhooks.get({ webhook_id: webhook.id })).toEqual(webhook);
  expect((await ada.webhooks.list()).items).toEqual([webhook]);
  const [row] = await api.deps.db.selectFrom("webhooks").selectAll().execute();
  const stored = JSON.stringify(row, (_key, value) =>
    value?.type === "Buffer" ? Buffer.from(value.data).toString("latin1") : value,
  );
  expect(stored).not.toContain(secret.slice(6));
  expect(stored).not.toContain(Buffer.from(secret.slice(6), "base64").toString("latin1"));
});

it("lets an account have as many webhooks as its plan allows, also when they are made at once", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const codes = await Promise.all([1, 2, 3, 4, 5].map(() => codeOf(listen(ada))));
  expect(codes.filter((code) => code === undefined)).toHaveLength(webhooksMax.free);
  expect(new Set(codes)).toEqual(new Set([undefined, "WEBHOOK_LIMIT_REACHED"]));
  await api.deps.db.updateTable("users").set({ plan: "pro" }).execute();
  expect(await codeOf(listen(ada))).toBeUndefined();
});

it("signs with both secrets for a day after a rotation, and then with the new one alone", async () => {
  await using api = await createTestApi();
  toPresent(api);
  const ada = await api.signUp();
  const { id, secret: before } = await listen(ada);
  const { secret, previous_secret_expires_at } = await ada.webhooks.rotate_secret({ webhook_id: id });
  expect(Date.parse(previous_secret_expires_at ?? "") - api.clock().getTime()).toBe(dayMs);
  await happen(ada);
  const receiver = createReceiver();
  await deliver(api, receiver);
  const [request] = receiver.requests;
  for (const each of [before, secret]) {
    expect(new Verifier(each).verify(request?.body ?? "", { ...request?.headers })).toMatchObject({
      type: "transaction.logged",
    });
  }
  await happen(ada);
  await api.deps.db.updateTable("webhooks").set({ previous_secret_expires_at: api.clock() }).execute();
  await deliver(api, receiver);
  expect(receiver.requests[1]?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
});

it.each([
  ["http://example.org/", "scheme"],
  ["https://example.org:22/", "port"],
  ["https://127.0.0.1/", "address"],
  ["https://0x7f.1/", "address"],
  ["https://[::ffff:169.254.169.254]/", "address"],
  ["https://[64:ff9b::a00:1]/", "address"],
] as const)(
  "refuses a webhook to %s for its %s, when it is made and when it is changed",
  async (wrong, reason) => {
    await using api = await createTestApi();
    const ada = await api.signUp();
    const { id } = await listen(ada);
    for (const call of [
      ada.webhooks.create({ url: wrong, topics }),
      ada.webhooks.update({ webhook_id: id, url: wrong }),
    ]) {
      await expect(call).rejects.toMatchObject({
        cause: { code: "WEBHOOK_URL_REFUSED", details: { reason } },
      });
    }
  },
);

it.each([
  "https://user:password@example.org/",
  "https://example.org/#a",
  "file:///etc/passwd",
  "https://a b/",
  "https://a..b/",
  "https://.example.org/",
  "https://example.org../",
  `https://${"a".repeat(64)}.org/`,
  `https://${"a.".repeat(127)}org/`,
  "nonsense",
])("takes %s for no URL", async (wrong) => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  expect(await codeOf(ada.webhooks.create({ url: wrong, topics }))).toBe("VALIDATION_FAILED");
});

it("takes schemes and hosts in capitals, labels of 63 characters and a point at the end", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const label = "a".repeat(63);
  for (const [given, kept] of [
    ["HTTPS://EXAMPLE.com", "https://example.com/"],
    [`https://${label}.org/A`, `https://${label}.org/A`],
    ["https://example.org./", "https://example.org./"],
  ] as const) {
    const { id, ...webhook } = await ada.webhooks.create({ url: given, topics });
    expect(webhook.url).toBe(kept);
    await ada.webhooks.delete({ webhook_id: id });
  }
});

it("lets an API key with the scope do everything, but for what only signed-in users see", async () => {
  await using api = await createTestApi();
  const { ada, bot } = await signUpKeyed(api);
  const { id } = await listen(bot);
  await bot.webhooks.test({ webhook_id: id });
  expect((await bot.webhooks.deliveries()).items).toHaveLength(1);
  expect(await codeOf(bot.webhooks.create({ url, topics: ["security"] }))).toBe("SESSION_REQUIRED");
  expect(await codeOf(bot.webhooks.update({ webhook_id: id, topics: ["security"] }))).toBe(
    "SESSION_REQUIRED",
  );
  const { id: secured } = await ada.webhooks.create({ url, topics: ["security"] });
  const ofSecured = { webhook_id: secured };
  const { id: delivery_id } = await ada.webhooks.test(ofSecured);
  for (const call of [
    bot.webhooks.update({ ...ofSecured, url: "https://eve.example/" }),
    bot.webhooks.rotate_secret(ofSecured),
    bot.webhooks.resume(ofSecured),
    bot.webhooks.pause(ofSecured),
    bot.webhooks.delete(ofSecured),
    bot.webhooks.test(ofSecured),
    bot.webhooks.replay({ delivery_id }),
    bot.webhooks.replay_events({ ...ofSecured, since: api.clock().toISOString() }),
  ]) {
    expect(await codeOf(call)).toBe("SESSION_REQUIRED");
  }
});

it("forgets what waits of a topic that a webhook loses, and lets no API key have it sent again", async () => {
  await using api = await createTestApi();
  const { ada, bot } = await signUpKeyed(api);
  const { id: webhook_id } = await ada.webhooks.create({ url, topics: ["security", "transactions"] });
  const makeKey = () => ada.auth.create_api_key({ name: "Another", scopes: ["users:read"] });
  await makeKey();
  await deliver(api, createReceiver());
  const { items: delivered } = await ada.webhooks.deliveries();
  expect(delivered).toMatchObject([{ event_type: "api_key.created", status: "delivered" }]);
  await makeKey();
  await deliver(
    api,
    createReceiver(() => refused),
  );
  expect((await ada.webhooks.deliveries()).items).toHaveLength(2);
  await ada.webhooks.update({ webhook_id, topics: ["transactions"] });
  expect((await ada.webhooks.deliveries()).items).toEqual(delivered);
  const delivery_id = delivered[0]?.id ?? "";
  expect(await codeOf(bot.webhooks.replay({ delivery_id }))).toBe("WEBHOOK_DELIVERY_NOT_FOUND");
});

it("signs with the secret that it can read, when the one before it is lost", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id: webhook_id } = await listen(ada);
  await ada.webhooks.rotate_secret({ webhook_id });
  const lost = createSealer(["a key that only tests use, 32 bytes or more"], api.deps.randomBytes);
  await api.deps.db
    .updateTable("webhooks")
    .set({ previous_secret_sealed: lost.seal("whsec_AAAA") })
    .execute();
  await ada.webhooks.test({ webhook_id });
  await deliver(api, createReceiver());
  expect((await ada.webhooks.deliveries()).items).toMatchObject([{ status: "delivered" }]);
});

it("hides from API keys what was told of security", async () => {
  await using api = await createTestApi();
  const { ada, bot } = await signUpKeyed(api);
  await ada.webhooks.create({ url, topics: ["security", "transactions"] });
  await api.caller().auth.login({ email: "ada@example.org", password: "correct horse battery" });
  await happen(ada);
  await ada.auth.logout();
  await deliver(api, createReceiver());
  const tokens = await api
    .caller()
    .auth.login({ email: "ada@example.org", password: "correct horse battery" });
  const back = api.caller(tokens.access_token);
  const typesSeen = async (caller: typeof bot) =>
    new Set((await caller.webhooks.deliveries()).items.map(({ event_type }) => event_type));
  expect(await typesSeen(back)).toEqual(new Set(["transaction.logged", "session.ended"]));
  expect(await typesSeen(bot)).toEqual(new Set(["transaction.logged"]));
  expect((await bot.webhooks.attempts()).items).toHaveLength(1);
  expect((await back.webhooks.attempts()).items).toHaveLength(2);
});

it("queues nothing for a paused webhook, holds back what is queued, and goes on when it is resumed", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id } = await listen(ada);
  const first = await happen(ada);
  await deliver(
    api,
    createReceiver(() => refused),
  );
  await ada.webhooks.pause({ webhook_id: id });
  expect(await codeOf(ada.webhooks.test({ webhook_id: id }))).toBe("WEBHOOK_NOT_ACTIVE");
  await happen(ada);
  api.clock.advance(hourMs / 2);
  const receiver = createReceiver();
  await deliver(api, receiver);
  expect(receiver.requests).toEqual([]);
  expect(await ada.webhooks.resume({ webhook_id: id })).toMatchObject({ status: "active" });
  await deliver(api, receiver);
  expect(receiver.messages().map(({ subject }) => subject)).toEqual([first]);
});

it("sends a delivery again, and all events since a moment, with the ids that they had", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const before = await happen(ada);
  api.clock.advance(1_000);
  const since = api.clock().toISOString();
  const { id } = await listen(ada);
  const subjects = [await happen(ada), await happen(ada)];
  const receiver = createReceiver();
  await deliver(api, receiver);
  const ids = receiver.ids();
  expect(await ada.webhooks.replay({ delivery_id: ids[0] ?? "" })).toMatchObject({
    status: "pending",
    attempts: 0,
  });
  await deliver(api, receiver);
  expect(receiver.ids()).toEqual([...ids, ids[0]]);
  expect(await ada.webhooks.replay_events({ webhook_id: id, since })).toEqual({
    queued: 2,
    continue_since: null,
  });
  await deliver(api, receiver);
  expect(receiver.ids().slice(3).sort()).toEqual([...ids].sort());
  // Also from before it was made.
  expect(await ada.webhooks.replay_events({ webhook_id: id, since: "1970-01-01T00:00:00Z" })).toMatchObject({
    queued: 3,
  });
  await deliver(api, receiver);
  expect(
    receiver
      .messages()
      .slice(5)
      .map(({ subject }) => subject)
      .sort(),
  ).toEqual([before, ...subjects].sort());
});

it("replays many events in parts, each of which goes on where the one before has ended", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id: webhook_id } = await listen(ada);
  const { db, clock, createId } = api.deps;
  const owner_id = (await ada.auth.me()).id;
  const start = clock().getTime();
  const payload = JSON.stringify({ status: "confirmed" });
  // Two of each moment but the first, so that a part would end between two of one.
  const rows = Array.from({ length: 400 }, (_, number) => {
    api.clock.advance(number % 2);
    const [id, subject] = [createId(), createId()];
    return { id, type: "transaction.status_changed", subject, owner_id, payload, occurred_at: clock() };
  });
  await db.insertInto("events").values(rows).execute();
  await waitForEvents(db);
  const since = new Date(start).toISOString();
  const first = await ada.webhooks.replay_events({ webhook_id, since });
  expect(first).toEqual({ queued: 251, continue_since: new Date(start + 126).toISOString() });
  expect(await ada.webhooks.replay_events({ webhook_id, since: first.continue_since ?? "" })).toEqual({
    queued: 149,
    continue_since: null,
  });
});

it("keeps of each attempt what the receiver said, bounded and as text", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id } = await listen(ada);
  const { id: delivery_id } = await ada.webhooks.test({ webhook_id: id });
  const body = Buffer.concat([
    Buffer.from("a\0b\u001b[2Jc\nd\u202ee\u2066f"),
    Buffer.of(0xff),
    Buffer.from("😀".repeat(5_000)),
  ]);
  await deliver(
    api,
    createReceiver(() => ({ status: 503, body })),
  );
  api.clock.advance(10_000);
  await deliver(
    api,
    createReceiver(() => ({ failure: "address_refused" })),
  );
  const { items } = await ada.webhooks.attempts({ delivery_id, sort: "oldest" });
  expect(items).toMatchObject([
    { response_status: 503, failure: null, webhook_id: id },
    { response_status: null, failure: "address_refused", response_excerpt: null },
  ]);
  const excerpt = items[0]?.response_excerpt ?? "";
  expect(excerpt.startsWith("a b [2Jc\ndef\ufffd😀")).toBe(true);
  // 15 bytes and 60 characters of four bytes; another does not fit.
  expect(Buffer.byteLength(excerpt)).toBe(255);
  expect(excerpt.isWellFormed()).toBe(true);
});

it("seals secrets anew after the key has changed, and says so when it is lost", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { secret, id } = await listen(ada);
  const { randomBytes } = api.deps;
  const [older, newer] = [
    "a key that only tests use, 32 bytes or more",
    "another key that only tests use, as long",
  ];
  const rotated = createSealer([newer, older], randomBytes);
  expect(await renewSecrets({ db: api.deps.db, sealer: rotated })).toBe(1);
  expect(await renewSecrets({ db: api.deps.db, sealer: rotated })).toBe(0);
  const [row] = await api.deps.db.selectFrom("webhooks").select("secret_sealed").execute();
  const alone = createSealer([newer], randomBytes);
  expect(alone.open(row?.secret_sealed ?? new Uint8Array())).toBe(secret);
  // The first key alone opens nothing any more.
  await ada.webhooks.test({ webhook_id: id });
  const receiver = createReceiver();
  await deliverWebhooks({ ...api.deps, post: receiver.post }, new AbortController().signal);
  expect(receiver.requests).toEqual([]);
  expect((await ada.webhooks.attempts()).items).toMatchObject([{ failure: "secret_lost" }]);
  expect(await renewSecrets({ db: api.deps.db, sealer: api.deps.sealer })).toBe(0);
});
