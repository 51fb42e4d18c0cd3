import { writeTransaction } from "@obsqra/platform";
import { expect, it } from "vitest";
import { setProtocolStatus } from "../market/protocol-statuses.service.ts";
import { checkRebalances } from "../predictions/advice/rebalance-checks.service.ts";
import {
  alertMailsTo,
  plantIlliquidity,
  publishForecasts,
  signUpHolder,
  writeAllAlerts,
} from "../testing/alert-steps.ts";
import { createTestApi, importLater, type TestApi } from "../testing/index.ts";
import { recordTransactionStatus } from "../transactions/transaction-entries.service.ts";
import { writeDigests } from "./digests.service.ts";

const { signal } = new AbortController();
const dayMs = 86_400_000;

function setStatus(api: TestApi, protocol: string, status: "active" | "paused" | "exploited") {
  const evidenceUrl = "https://example.org/post-mortem";
  return setProtocolStatus(api.deps, { protocol, status, since: undefined, evidenceUrl, reason: undefined });
}

const paused = {
  kind: "protocol_status",
  protocol: "nostra",
  status: "paused",
  evidence_url: "https://example.org/post-mortem",
};

it("tells of a protocol that is paused once, to whoever holds or prefers it, has confirmed the address and wants alerts", async () => {
  await using api = await createTestApi();
  const holder = await signUpHolder(api);
  const watcher = await signUpHolder(api, { allocation: { ekubo: 100 }, preferred_protocols: ["nostra"] });
  const others = [
    await signUpHolder(api, { allocation: { ekubo: 100 } }),
    await signUpHolder(api, { email_alerts_enabled: false }),
    await signUpHolder(api, { allocation: { ekubo: 100, nostra: 0 } }),
  ];
  const unconfirmed = await api.signUp("unconfirmed@example.org");
  await unconfirmed.users.update_preferences({ preferred_protocols: ["nostra"] });
  const leaving = await signUpHolder(api);
  await leaving.caller.users.schedule_deletion();
  await setStatus(api, "nostra", "paused");
  expect(await writeAllAlerts(api)).toMatchObject({ alerts: 2 });
  for (const { email } of [holder, watcher]) expect(await alertMailsTo(api, email)).toEqual([[paused]]);
  for (const email of [...others, leaving].map((other) => other.email).concat("unconfirmed@example.org")) {
    expect(await alertMailsTo(api, email)).toEqual([]);
  }
  // The same status, with better evidence, is no news.
  await setStatus(api, "nostra", "paused");
  expect(await writeAllAlerts(api)).toMatchObject({ alerts: 0 });
  await setStatus(api, "nostra", "exploited");
  await setStatus(api, "nostra", "active");
  // What is over by the time that it could be told misleads.
  expect(await writeAllAlerts(api)).toMatchObject({ alerts: 0 });
});

it("tells each of any number once, also when several tell at once and some are interrupted", async () => {
  await using api = await createTestApi();
  const { db, createId } = api.deps;
  const now = api.clock();
  // Written directly: registering hashes a password each.
  const ids = Array.from({ length: 450 }, () => createId());
  const preferences = JSON.stringify({ preferred_protocols: ["nostra"] });
  const account = { full_name: "Ada", wallet_address: null, preferences, created_at: now, updated_at: now };
  await db
    .insertInto("users")
    .values(ids.map((id) => ({ id, email: `${id}@example.org`, email_verified_at: now, ...account })))
    .execute();
  await setStatus(api, "nostra", "paused");
  await setStatus(api, "nostra", "exploited");
  await setStatus(api, "nostra", "paused");
  const failing = { ...api.deps, createId: () => failAfter(300, createId) };
  let calls = 0;
  function failAfter(count: number, next: () => string): string {
    calls += 1;
    if (calls > count) throw new Error("killed");
    return next();
  }
  await writeAllAlerts({ ...api, deps: failing }).catch((error) => expect(String(error)).toContain("killed"));
  await Promise.all([writeAllAlerts(api), writeAllAlerts(api), writeAllAlerts(api)]);
  await writeAllAlerts(api);
  const alerts = await db.selectFrom("alerts").select(["owner_id", "mail_id"]).execute();
  const perOwner = Map.groupBy(alerts, ({ owner_id }) => owner_id);
  // Paused twice is two facts; exploited was over by then.
  expect([...perOwner.values()].map((of) => of.length)).toEqual(ids.map(() => 2));
  const mails = await db.selectFrom("email_outbox").select(["id", "user_id"]).execute();
  expect(mails.map(({ id }) => id).sort()).toEqual(alerts.map(({ mail_id }) => mail_id).sort());
  expect(new Set(alerts.map(({ mail_id }) => mail_id)).size).toBe(900);
});

it("tells of a transaction that failed or was never found, and of nothing else that becomes of one", async () => {
  await using api = await createTestApi();
  for (const status of ["failed", "not_found", "confirmed", "unverified"] as const) {
    const { id, email, tx_hash: short } = await signUpHolder(api);
    const tx_hash = `0x${short.slice(2).padStart(64, "0")}`;
    await recordTransactionStatus(api.deps, { owner_id: id, tx_hash, status });
    await writeAllAlerts(api);
    const told = status === "failed" || status === "not_found";
    const alert = { kind: "transaction_failed", tx_hash, tx_type: "allocate", status };
    expect([status, await alertMailsTo(api, email)]).toEqual([status, told ? [[alert]] : []]);
  }
});

it("tells of a webhook that was disabled to its owner, each time", async () => {
  await using api = await createTestApi();
  const { id, email } = await signUpHolder(api);
  const webhook_id = api.deps.createId();
  await emitWebhookDisabled(api, id, webhook_id);
  await writeAllAlerts(api);
  await emitWebhookDisabled(api, id, webhook_id);
  await writeAllAlerts(api);
  const alert = { kind: "webhook_disabled", webhook_id, reason: "failing" };
  expect(await alertMailsTo(api, email)).toEqual([[alert], [alert]]);
});

it("tells of a move that is suggested unasked once, with what was right so far, and of none that was asked for", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { email, caller } = await signUpHolder(api, { auto_rebalance_enabled: true });
  await caller.predictions.run_optimization();
  await writeAllAlerts(api);
  expect(await alertMailsTo(api, email)).toEqual([]);
  await checkRebalances({ ...api.deps, horizonDays: 7 }, signal);
  await writeAllAlerts(api);
  await checkRebalances({ ...api.deps, horizonDays: 7 }, signal);
  await writeAllAlerts(api);
  const [newest] = (await caller.predictions.rebalance_suggestions({ limit: 1 })).items;
  const [[alert] = []] = await alertMailsTo(api, email);
  expect(await alertMailsTo(api, email)).toHaveLength(1);
  expect(alert).toMatchObject({
    kind: "suggestion",
    suggestion_id: newest?.id,
    record: { matured: expect.any(Number), right: expect.any(Number) },
    figures: { simulated: true, replay: false },
  });
  expect(alert).toHaveProperty(
    "moves",
    expect.arrayContaining([expect.objectContaining({ protocol: "nostra" })]),
  );
});

it("tells of a risk above the threshold once, until it was well below", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { protocols } = await (await api.signUp()).analytics.dashboard();
  const score = protocols.find(({ protocol }) => protocol === "nostra")?.risk_score ?? 0;
  const below = Math.floor(score) - 1;
  const holder = await signUpHolder(api, { risk_alert_threshold: below });
  const content = await signUpHolder(api, { risk_alert_threshold: Math.ceil(score) + 15 });
  await importLater(api, 1);
  await writeAllAlerts(api);
  const told = await alertMailsTo(api, holder.email);
  expect(told).toEqual([
    [expect.objectContaining({ kind: "risk_above_threshold", protocol: "nostra", threshold: below })],
  ]);
  await importLater(api, 2);
  expect(await writeAllAlerts(api)).toMatchObject({ alerts: 0 });
  expect(await alertMailsTo(api, content.email)).toEqual([]);
});

it("tells of a yield that is forecast below the threshold once, with what was right so far", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { items } = await (await api.signUp()).predictions.yield_forecast({ protocol: "nostra" });
  const { apy = 0, current_apy, target_at } = items[0] ?? {};
  const holder = await signUpHolder(api, { yield_alert_threshold: Math.ceil(apy) + 1 });
  const content = await signUpHolder(api, { yield_alert_threshold: Math.floor(apy) - 1 });
  for (let time = 0; time < 2; time += 1) {
    await publishForecasts(api, "yield");
    await writeAllAlerts(api);
  }
  expect(await alertMailsTo(api, holder.email)).toEqual([
    [
      {
        kind: "yield_forecast_below_threshold",
        protocol: "nostra",
        // With all their digits; the mail has as many as the endpoint.
        apy: expect.closeTo(apy, 1),
        current_apy: expect.closeTo(current_apy ?? 0, 1),
        ...{ target_at, threshold: Math.ceil(apy) + 1 },
        record: { matured: expect.any(Number), right: expect.any(Number) },
        figures: { simulated: true, replay: false },
      },
    ],
  ]);
  expect(await alertMailsTo(api, content.email)).toEqual([]);
});

it("tells of the market of a protocol that is the most likely to become illiquid, once, and of none that is", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db } = api.deps;
  const markets = await db
    .selectFrom("markets")
    .select(["id", "symbol"])
    .where("protocol", "=", "nostra")
    .orderBy("id")
    .limit(3)
    .execute();
  const as_of = new Date(Date.UTC(2030, 0, 1));
  await plantIlliquidity(
    api,
    markets.map(({ id }, index) => ({
      ...{ market_id: id, protocol: "nostra", as_of },
      probability: [0.55, 0.61, 0.99][index] ?? 0,
    })),
  );
  const [, likely, frozen] = markets;
  const news = { source: "simulated", observed_at: as_of, fetched_at: as_of, import_id: null, quality: [] };
  const unknown = { tvl_usd: null, apy: 1, apy_base: null, apy_reward: null, apy_base_borrow: null };
  await db
    .insertInto("market_history")
    .values({
      market_id: frozen?.id ?? "",
      ...news,
      ...unknown,
      utilization: null,
      frozen: true,
      paused: false,
    })
    .execute();
  const holder = await signUpHolder(api);
  const content = await signUpHolder(api, { illiquidity_alert_threshold: 61 });
  for (let time = 0; time < 2; time += 1) {
    await publishForecasts(api, "risk");
    await writeAllAlerts(api);
  }
  const told = (await alertMailsTo(api, holder.email)).flat();
  expect(told.filter(({ kind }) => kind === "illiquidity_above_threshold")).toEqual([
    {
      kind: "illiquidity_above_threshold",
      protocol: "nostra",
      symbol: likely?.symbol,
      probability_percent: 61,
      threshold: 50,
      until: "2030-01-15T00:00:00.000Z",
      record: { matured: 0, right: 0 },
      figures: { simulated: true, replay: false },
    },
  ]);
  expect(await alertMailsTo(api, content.email)).toEqual([]);
});

it("gathers what is not urgent into one mail a day for whoever wants that", async () => {
  await using api = await createTestApi();
  const { id, email } = await signUpHolder(api, { email_digest_enabled: true });
  const both = async () => {
    await emitWebhookDisabled(api, id, api.deps.createId());
    await emitWebhookDisabled(api, id, api.deps.createId());
    await writeAllAlerts(api);
  };
  await both();
  await setStatus(api, "nostra", "paused");
  await writeAllAlerts(api);
  // What is urgent is mailed at once.
  expect(await alertMailsTo(api, email)).toEqual([[paused]]);
  expect(await Promise.all([writeDigests(api.deps, signal), writeDigests(api.deps, signal)])).toContain(1);
  const digest = (await alertMailsTo(api, email))[1];
  expect(digest?.map(({ kind }) => kind)).toEqual(["webhook_disabled", "webhook_disabled"]);
  await both();
  expect(await writeDigests(api.deps, signal)).toBe(0);
  api.clock.advance(dayMs);
  expect(await writeDigests(api.deps, signal)).toBe(1);
  expect(await alertMailsTo(api, email)).toHaveLength(3);
  await both();
  api.clock.advance(-2 * dayMs);
  // A clock that was set back brings no second mail of a day.
  expect(await writeDigests(api.deps, signal)).toBe(0);
  api.clock.advance(2 * dayMs);
  const { access_token } = await api.caller().auth.login({ email, password: "correct horse battery" });
  await api.caller(access_token).users.update_preferences({ email_alerts_enabled: false });
  api.clock.advance(dayMs);
  expect(await writeDigests(api.deps, signal)).toBe(0);
  expect(await alertMailsTo(api, email)).toEqual([]);
});

/** As a webhook does that has failed for a day. */
async function emitWebhookDisabled({ deps }: TestApi, owner_id: string, subject: string): Promise<void> {
  await writeTransaction(deps, async (_trx, emit) =>
    emit({ type: "webhook.disabled", subject, owner_id, payload: { reason: "failing" } }),
  );
}
