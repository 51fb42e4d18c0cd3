import type { Preferences } from "@obsqra/contract";
import { expect, it } from "vitest";
import { createTestApi, importLater, openTestWork, type TestApi } from "../../testing/index.ts";
import { renewForecasts } from "../forecasts/renew-forecasts.service.ts";
import { checkRebalances } from "./rebalance-checks.service.ts";

const { signal } = new AbortController();

/** All in one protocol, of which other markets are better. */
const lopsided = { nostra: 100 };

let hashes = 0;

async function signUpHolder(
  api: TestApi,
  {
    allocation = lopsided,
    ...preferences
  }: Partial<Preferences> & { readonly allocation?: Record<string, number> } = {},
) {
  const caller = await api.signUp();
  const { id } = await caller.auth.me();
  await caller.users.update_preferences({ auto_rebalance_enabled: true, ...preferences });
  await hold(caller, allocation);
  return { id, caller };
}

function hold(caller: Awaited<ReturnType<TestApi["signUp"]>>, allocation: Record<string, number>) {
  hashes += 1;
  return caller.transactions.create({
    tx_hash: `0x${(0xabc000 + hashes).toString(16)}`,
    tx_type: "allocate",
    amount: "1",
    allocation,
  });
}

function check(api: TestApi) {
  return checkRebalances({ ...api.deps, horizonDays: 7 }, signal);
}

/** New history, so many days after that of the snapshot, and forecasts from it. */
async function bringNewForecasts(api: TestApi, day: number): Promise<void> {
  await importLater(api, day);
  await renewForecasts(api.deps, { horizonDays: 7, openWork: openTestWork });
}

/** What a user was told without having asked. */
async function toldOf({ deps: { db } }: TestApi, owner: string): Promise<unknown[]> {
  const events = await db
    .selectFrom("events")
    .select(["subject", "payload"])
    .where("type", "=", "suggestion.made")
    .where("owner_id", "=", owner)
    .execute();
  const suggestions = await db
    .selectFrom("rebalance_suggestions")
    .select("id")
    .where("owner_id", "=", owner)
    .execute();
  expect(events.map(({ subject }) => subject).sort()).toEqual(suggestions.map(({ id }) => id).sort());
  return events.map(({ payload }) => payload);
}

const aMove = { outcome: "rebalance", unasked: true };

it("suggests a move once to whoever holds something and has asked for it, and to nobody else", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await signUpHolder(api);
  const silent = await signUpHolder(api, { auto_rebalance_enabled: false });
  const empty = await api.signUp();
  await empty.users.update_preferences({ auto_rebalance_enabled: true });
  const advised = await ada.caller.predictions.run_optimization({ current_allocation: lopsided });
  const content = await signUpHolder(api, { allocation: advised.allocation, rebalance_threshold: 100 });
  expect(await check(api)).toEqual({ checked: 2, suggested: 1, not_advised: {} });
  expect(await toldOf(api, ada.id)).toEqual([{ outcome: "rebalance" }, aMove]);
  const [newest] = (await ada.caller.predictions.rebalance_suggestions({ limit: 1 })).items;
  expect(newest?.allocation).toEqual(advised.allocation);
  for (const { id } of [silent, content, await empty.auth.me()]) {
    expect(await toldOf(api, id)).toEqual([]);
  }
  // The same forecasts are news to nobody.
  expect(await check(api)).toEqual({ checked: 0, suggested: 0, not_advised: {} });
});

it("says nothing for three days after a suggestion, and then not the same again until what is held has changed", async () => {
  await using api = await createTestApi({ withForecasts: true });
  // Wider than the forecasts of a few days move the advice.
  const ada = await signUpHolder(api, { rebalance_threshold: 60 });
  expect(await check(api)).toMatchObject({ suggested: 1 });
  await hold(ada.caller, { vesu: 100 });
  await bringNewForecasts(api, 1);
  expect(await check(api)).toEqual({ checked: 1, suggested: 0, not_advised: {} });
  await bringNewForecasts(api, 2);
  // It is news, and comes too soon.
  expect(await check(api)).toEqual({ checked: 1, suggested: 0, not_advised: {} });
  await bringNewForecasts(api, 4);
  expect(await check(api)).toMatchObject({ checked: 1, suggested: 0 });
  expect(await toldOf(api, ada.id)).toEqual([aMove]);
});

it("tells again once the quiet days are over and something else is held", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await signUpHolder(api, { rebalance_threshold: 5 });
  await check(api);
  api.clock.advance(1_000);
  // Exploited, so that it must be left.
  await hold(ada.caller, { zklend: 100 });
  await bringNewForecasts(api, 4);
  expect(await check(api)).toMatchObject({ checked: 1, suggested: 1 });
  expect(await toldOf(api, ada.id)).toEqual([aMove, aMove]);
});

it("goes on page by page through any number of users, each once, also when two do it at once", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db, createId } = api.deps;
  await signUpHolder(api);
  // Written directly: registering hashes a password each.
  const ids = Array.from({ length: 120 }, () => createId());
  const now = api.clock();
  await db
    .insertInto("users")
    .values(
      ids.map((id) => ({
        id,
        email: `${id}@example.org`,
        email_verified_at: null,
        full_name: "Ada",
        wallet_address: null,
        preferences: JSON.stringify({ auto_rebalance_enabled: true }),
        created_at: now,
        updated_at: now,
      })),
    )
    .execute();
  await db
    .insertInto("allocation_history")
    .values(
      ids.map((owner_id) => ({
        id: createId(),
        owner_id,
        allocation_bp: JSON.stringify({ nostra: 10_000 }),
        reason: "test",
        suggestion_id: null,
        transaction_id: null,
        created_at: now,
      })),
    )
    .execute();
  const rounds = await Promise.all([check(api), check(api)]);
  expect(rounds[0].suggested + rounds[1].suggested).toBe(121);
  const suggestions = await db.selectFrom("rebalance_suggestions").select("owner_id").execute();
  expect(new Set(suggestions.map(({ owner_id }) => owner_id)).size).toBe(121);
  expect(suggestions).toHaveLength(121);
});

it("waits for forecasts, and says of whom it could not advise and why", async () => {
  await using without = await createTestApi();
  await signUpHolder(without);
  expect(await check(without)).toEqual({ checked: 0, suggested: 0, not_advised: {} });
  await using api = await createTestApi({ withForecasts: true, storageQuotas: { free: 500, pro: 500 } });
  const ada = await signUpHolder(api);
  expect(await check(api)).toEqual({ checked: 1, suggested: 0, not_advised: { STORAGE_FULL: 1 } });
  expect(await toldOf(api, ada.id)).toEqual([]);
});
