import { defaultPreferences, type Preferences, preferences } from "@obsqra/contract";
import { writeTransaction } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { setProtocolStatus } from "../src/market/protocol-statuses.service.ts";
import { checkRebalances } from "../src/predictions/advice/rebalance-checks.service.ts";
import {
  alertMailsTo,
  plantIlliquidity,
  publishForecasts,
  signUpHolder,
  writeAllAlerts,
} from "../src/testing/alert-steps.ts";
import { createTestApi, importLater, type TestApi } from "../src/testing/index.ts";

/** Shared, because its forecasts take a second to prepare: each test has users of its own. */
let api: TestApi;
let days = 0;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
  const lending = { protocol: "nostra", market_id: await marketOf("nostra") };
  await plantIlliquidity(api, [{ ...lending, probability: 0.3, as_of: api.clock() }]);
});

afterAll(() => api[Symbol.asyncDispose]());

async function marketOf(protocol: string): Promise<string> {
  const { id } = await api.deps.db
    .selectFrom("markets")
    .select("id")
    .where("protocol", "=", protocol)
    .limit(1)
    .executeTakeFirstOrThrow();
  return id;
}

type Holder = Awaited<ReturnType<typeof signUpHolder>>;

/** What a preference changes: another value, and what shows it. */
interface Effect<TValue> {
  readonly value: TValue;
  /** Comes to something else for who has chosen the value than for who has not. */
  readonly show: (holder: Holder) => Promise<unknown>;
}

/** Hardly anything is invested. */
const advise = async ({ caller }: Holder) => {
  const current_markets = [{ market_id: "simulated:vesu:usdc", percent: 10 }];
  const { outcome, allocation } = await caller.predictions.run_optimization({ current_markets });
  return { outcome, allocation };
};
const adviseOnMarkets = async ({ caller }: Holder) => {
  const { costs, excluded_markets } = await caller.predictions.run_optimization();
  return { horizon: costs?.horizon_days, excluded_markets };
};
const kindsMailed = async ({ email }: Holder) =>
  (await alertMailsTo(api, email)).flat().map(({ kind }) => kind);

/** Every preference, by the type of the contract: a new one does not compile until it says what it changes. */
const effects: { readonly [TName in keyof Preferences]: Effect<Preferences[TName]> } = {
  risk_tolerance: { value: "low", show: advise },
  rebalance_threshold: { value: 100, show: advise },
  preferred_protocols: {
    value: ["ekubo", "vesu"],
    show: async (holder) => {
      return { advised: await advise(holder), mailed: await pauseAndTell(holder, "vesu") };
    },
  },
  assets: { value: ["ETH"], show: advise },
  stable_only: { value: true, show: adviseOnMarkets },
  single_asset_only: { value: true, show: adviseOnMarkets },
  amount: { value: "20000000", show: advise },
  max_protocol_share: { value: 20, show: advise },
  max_market_share: { value: 20, show: advise },
  max_chain_share: { value: 20, show: advise },
  must_stay: {
    value: ["vesu"],
    show: async ({ caller }) => {
      const current_markets = [{ market_id: "simulated:vesu:usdc", percent: 100 }];
      const { forced } = await caller.predictions.run_optimization({ current_markets, max_market_share: 20 });
      return forced;
    },
  },
  horizon_days: { value: 200, show: adviseOnMarkets },
  auto_rebalance_enabled: {
    value: true,
    show: async ({ id }) => {
      await checkRebalances({ ...api.deps, horizonDays: 7 }, new AbortController().signal);
      const made = await api.deps.db
        .selectFrom("rebalance_suggestions")
        .select("outcome")
        .where("owner_id", "=", id)
        .execute();
      return made.length;
    },
  },
  email_alerts_enabled: {
    value: false,
    show: (holder) => pauseAndTell(holder, "nostra"),
  },
  email_digest_enabled: {
    value: true,
    show: async (holder) => {
      const { id: owner_id } = holder;
      await writeTransaction(api.deps, async (_trx, emit) =>
        emit({ type: "webhook.disabled", subject: owner_id, owner_id, payload: { reason: "gone" } }),
      );
      await writeAllAlerts(api);
      return (await kindsMailed(holder)).filter((kind) => kind === "webhook_disabled");
    },
  },
  risk_alert_threshold: {
    value: 0,
    show: async (holder) => {
      days += 1;
      await importLater(api, days);
      await writeAllAlerts(api);
      return (await kindsMailed(holder)).filter((kind) => kind === "risk_above_threshold");
    },
  },
  yield_alert_threshold: {
    value: 100,
    show: (holder) => publishAndTell(holder, "yield"),
  },
  illiquidity_alert_threshold: {
    value: 10,
    show: async (holder) => {
      const kinds = await publishAndTell(holder, "risk");
      return kinds.filter((kind) => kind === "illiquidity_above_threshold");
    },
  },
};

async function publishAndTell(holder: Holder, kind: "risk" | "yield") {
  await publishForecasts(api, kind);
  await writeAllAlerts(api);
  return kindsMailed(holder);
}

/** Whether somebody is told that a protocol is paused, which it is for the moment. */
async function pauseAndTell(holder: Holder, protocol: string) {
  const decision = {
    protocol,
    evidenceUrl: "https://example.org/status",
    since: undefined,
    reason: undefined,
  };
  await setProtocolStatus(api.deps, { ...decision, status: "paused" });
  await writeAllAlerts(api);
  await setProtocolStatus(api.deps, { ...decision, status: "active" });
  return (await kindsMailed(holder)).filter((kind) => kind === "protocol_status");
}

it("has an effect for each preference of the contract, and no other", () => {
  expect(Object.keys(effects).sort()).toEqual(Object.keys(preferences.shape).sort());
});

it.each(Object.keys(preferences.shape) as (keyof Preferences)[])("changes something by %s", async (name) => {
  const { value, show } = effects[name];
  expect(value).not.toEqual(defaultPreferences[name]);
  const one = await signUpHolder(api);
  const other = await signUpHolder(api, { [name]: value });
  const [without, withIt] = [await show(one), await show(other)];
  expect(withIt).not.toEqual(without);
  // And by nothing else: who has chosen what was the default sees what everybody sees.
  const same = await signUpHolder(api, { [name]: defaultPreferences[name] });
  expect(await show(same)).toEqual(without);
});
