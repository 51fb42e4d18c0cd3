import { createDefiLlamaSource } from "@obsqra/market";
import {
  chartFixture,
  type DefiLlamaDoubleOptions,
  poolFixture,
  startDefiLlamaDouble,
} from "@obsqra/market/testing";
import { expect, it } from "vitest";
import { getFreshness } from "../predictions/forecasts/freshness.service.ts";
import { createTestApi, type TestApi } from "../testing/index.ts";
import { acceptNextLoad } from "./accept-feed.service.ts";
import { refreshMarketHistory } from "./refresh.service.ts";

type Rows = Record<string, unknown>[];

/** What DefiLlama says. */
interface Feed extends DefiLlamaDoubleOptions {
  readonly charts: Record<string, Rows>;
}

const hourMs = 60 * 60_000;
const { signal } = new AbortController();
const dexes = ["dex-1", "dex-2"];
const lenders = ["lender-1", "lender-2"];

function pool(id: string, facts: Record<string, unknown> = {}): Record<string, unknown> {
  const isDex = dexes.includes(id);
  const project = isDex ? "ekubo" : "vesu";
  return poolFixture({ pool: id, project, symbol: id, exposure: isDex ? "multi" : "single", ...facts });
}

function borrowSide(rows: Rows): Rows {
  return rows.map(({ timestamp }) => ({
    timestamp,
    totalSupplyUsd: 2_000_000,
    totalBorrowUsd: 1_500_000,
    debtCeilingUsd: null,
    apyBaseBorrow: 7.5,
    apyRewardBorrow: null,
  }));
}

/** What DefiLlama says once so many days of January 2026 are over. */
function feedOf(
  days: number,
): Required<Omit<DefiLlamaDoubleOptions, "failures">> & { charts: Record<string, Rows> } {
  const rows = () => chartFixture(days, "2026-01-01");
  return {
    pools: [...dexes, ...lenders].map((id) => pool(id)),
    charts: Object.fromEntries([...dexes, ...lenders].map((id) => [id, rows()])),
    lendBorrowCharts: Object.fromEntries(lenders.map((id) => [id, borrowSide(rows())])),
  };
}

/** Changes the newest row of a market. */
function withNewest(feed: Feed, ids: readonly string[], values: Record<string, unknown>): Feed {
  const charts = Object.entries(feed.charts).map(([id, rows]) => [
    id,
    ids.includes(id) ? rows.with(-1, { ...rows.at(-1), ...values }) : rows,
  ]);
  return { ...feed, charts: Object.fromEntries(charts) };
}

/** Changes a value of markets in all that the feed says of them, so that nothing in it shows the change. */
function withAll(
  feed: ReturnType<typeof feedOf>,
  ids: readonly string[],
  [name, change]: [name: "tvlUsd" | "apy", change: (value: number) => number],
): Feed {
  const changed = (row: Record<string, unknown>) => ({ ...row, [name]: change(Number(row[name])) });
  return {
    ...feed,
    pools: feed.pools.map((each) => {
      const row = each as Record<string, unknown>;
      return ids.includes(String(row.pool)) ? changed(row) : row;
    }),
    charts: Object.fromEntries(
      Object.entries(feed.charts).map(([id, rows]) => [id, ids.includes(id) ? rows.map(changed) : rows]),
    ),
  };
}

/** What no market can have. */
const impossible: [what: string, value: Parameters<typeof withAll>[2]][] = [
  ["TVLs a million times as high", ["tvlUsd", (tvl) => tvl * 1e6]],
  ["negative TVLs", ["tvlUsd", (tvl) => -tvl]],
  ["APYs below -100 %", ["apy", (apy) => -100 * apy]],
  ["APYs above a million percent", ["apy", (apy) => apy * 1e6]],
];

/** What a feed as a whole cannot have after another day. */
const unbelievable: typeof impossible = [
  ...impossible,
  ["TVLs that are possible, and a thousand times as high", ["tvlUsd", (tvl) => tvl * 1e3]],
];

/** Refreshes from what a service on this machine says. */
async function refreshFrom({ deps }: TestApi, feed: DefiLlamaDoubleOptions) {
  await using double = await startDefiLlamaDouble(feed);
  const source = createDefiLlamaSource({
    baseUrl: double.url,
    fetch,
    clock: deps.clock,
    sleep: async () => {},
    retries: 0,
    timeoutMs: feed.failures?.["/pools"] === undefined ? 60_000 : 50,
  });
  // Awaited here, so that the service goes only after it was asked.
  return await refreshMarketHistory({ ...deps, source }, { signal });
}

async function createFedApi(): Promise<TestApi> {
  const api = await createTestApi({ marketSource: "defillama" });
  expect(await refreshFrom(api, feedOf(14))).toMatchObject({ outcome: "imported", quarantined: [] });
  api.clock.advance(24 * hourMs);
  return api;
}

const readiness = ({ deps }: TestApi) => getFreshness(deps, { horizonDays: 7 });

async function readStored({ deps: { db } }: TestApi) {
  return {
    imports: (await db.selectFrom("market_imports").select("id").execute()).length,
    revisions: (await db.selectFrom("market_history_revisions").select("market_id").execute()).length,
    observations: await db
      .selectFrom("market_history")
      .select(["market_id", "observed_at", "tvl_usd", "apy", "utilization"])
      .orderBy("market_id")
      .orderBy("observed_at")
      .execute(),
  };
}

it.each<[what: string, code: string, reason: RegExp, feed: () => DefiLlamaDoubleOptions]>([
  [
    "hangs",
    "UNREACHABLE",
    /no response within 50 ms/,
    () => ({ ...feedOf(15), failures: { "/pools": ["hang"] } }),
  ],
  [
    "sends another schema",
    "IMPLAUSIBLE",
    /56 of its 60 rows cannot be read\. The first: chart row 2 has an unexpected tvlUsd/,
    () => ({
      ...feedOf(15),
      charts: Object.fromEntries(
        Object.entries(feedOf(15).charts).map(([id, [first, ...rows]]) => [
          id,
          [first, ...rows.map((row) => ({ ...row, tvlUsd: String(row.tvlUsd) }))],
        ]),
      ) as Record<string, Rows>,
    }),
  ],
  [
    "has lost most of its pools",
    "IMPLAUSIBLE",
    /It has 1 of the 4 markets that it had\./,
    () => ({ ...feedOf(15), pools: [pool("dex-1")] }),
  ],
  [
    "says that all TVLs are zero",
    "IMPLAUSIBLE",
    /It says that tvl_usd is zero, or nothing, of all 4 markets\./,
    () => withNewest(feedOf(15), [...dexes, ...lenders], { tvlUsd: 0 }),
  ],
  [
    "says that all APYs are zero",
    "IMPLAUSIBLE",
    /It says that apy is zero/,
    () => withNewest(feedOf(15), [...dexes, ...lenders], { apy: 0, apyBase: 0, apyReward: null }),
  ],
  ...unbelievable.map(([what, value]): [string, string, RegExp, () => DefiLlamaDoubleOptions] => [
    `has ${what} of most markets`,
    "IMPLAUSIBLE",
    /The (tvl_usd|apy) of 3 of 4 markets cannot be believed, such as -?\d+/,
    () => withAll(feedOf(15), [...dexes, "lender-1"], value),
  ]),
  [
    "ends before the day that it had reached",
    "IMPLAUSIBLE",
    /It ends on 2026-01-10, and had reached 2026-01-14\./,
    () => feedOf(10),
  ],
])(
  "refuses a feed that %s, keeps and says why, and takes it once it is sound",
  async (_what, code, reason, feed) => {
    await using api = await createFedApi();
    const before = await readStored(api);
    const refreshed = await refreshFrom(api, feed());
    expect(refreshed).toMatchObject({ outcome: "failed", reason: expect.stringMatching(reason) });
    expect(await readStored(api)).toEqual(before);
    expect(api.logged.at(-1)).toMatchObject({ message: "Market history could not be refreshed." });
    const since = api.clock().toISOString();
    api.clock.advance(hourMs);
    await refreshFrom(api, feed());
    expect(await readiness(api)).toMatchObject({ market_feed: "failed", feed_failure: { code, since } });
    expect(await refreshFrom(api, feedOf(15))).toMatchObject({ outcome: "imported" });
    expect(await readiness(api)).toMatchObject({ market_feed: "up", feed_failure: undefined });
  },
);

it.each<[what: string, cause: string, market: string, feed: () => DefiLlamaDoubleOptions]>([
  [
    "whose jump the list of pools does not show",
    "unconfirmed_jump",
    "dex-1",
    () => withNewest(feedOf(15), ["dex-1"], { tvlUsd: 5 }),
  ],
  [
    "whose chart cannot be had",
    "no_history",
    "dex-2",
    () => ({ ...feedOf(15), failures: { "/chart/dex-2": [{ status: 500 }] } }),
  ],
  [
    "whose borrow side cannot be had",
    "no_borrow_side",
    "lender-1",
    () => ({ ...feedOf(15), failures: { "/chartLendBorrow/lender-1": [{ status: 500 }] } }),
  ],
])(
  "takes nothing of a market %s, and everything of the others, until it is whole again",
  async (_what, cause, market, feed) => {
    await using api = await createFedApi();
    const before = await readStored(api);
    const of = ({ observations }: typeof before, id: string) =>
      observations.filter(({ market_id }) => market_id === id);
    const refreshed = await refreshFrom(api, feed());
    const since = api.clock();
    expect(refreshed).toMatchObject({
      outcome: "imported",
      quarantined: [{ market_id: market, cause, since }],
    });
    const after = await readStored(api);
    for (const id of [...dexes, ...lenders]) {
      expect([id, of(after, id).length]).toEqual([id, id === market ? 14 : 15]);
    }
    expect(of(after, market)).toEqual(of(before, market));
    expect(after.revisions).toBe(0);
    const others = of(after, "lender-2").map(({ utilization }) => utilization);
    expect(new Set(others)).toEqual(new Set([0.75]));
    expect(api.logged.at(-1)).toMatchObject({
      facts: { markets: [{ market_id: market, cause }] },
      message: "Nothing is taken of markets that the feed does not have whole.",
    });
    // Asked again in the next hour, and still the same: nothing new, and nothing said twice.
    api.clock.advance(hourMs);
    const logged = api.logged.length;
    expect(await refreshFrom(api, feed())).toMatchObject({ outcome: "unchanged" });
    expect(api.logged).toHaveLength(logged);
    expect(await readiness(api)).toMatchObject({
      market_feed: "quarantined",
      quarantined_markets: [{ market_id: market, cause, since: since.toISOString() }],
    });
    expect(await refreshFrom(api, feedOf(15))).toMatchObject({ outcome: "imported", quarantined: [] });
    expect(of(await readStored(api), market)).toHaveLength(15);
    expect(await readiness(api)).toMatchObject({ market_feed: "up", quarantined_markets: [] });
  },
);

it("takes what an operator accepts of a market that is left out, and judges what follows", async () => {
  await using api = await createFedApi();
  const jumped = () => withNewest(feedOf(15), ["dex-1"], { tvlUsd: 5 });
  expect(await refreshFrom(api, jumped())).toMatchObject({ quarantined: [{ market_id: "dex-1" }] });
  await acceptNextLoad(api.deps, "defillama");
  // What cannot be had at all is not there to be taken.
  const failures = { "/chart/dex-2": [{ status: 500 }] };
  expect(await refreshFrom(api, { ...jumped(), failures })).toMatchObject({
    outcome: "imported",
    quarantined: [{ market_id: "dex-2", cause: "no_history" }],
  });
  const stored = (await readStored(api)).observations.filter(({ market_id }) => market_id === "dex-1");
  expect(stored.at(-1)?.tvl_usd).toBe(5);
  expect(await refreshFrom(api, withNewest(jumped(), ["dex-2"], { tvlUsd: 5 }))).toMatchObject({
    quarantined: [{ market_id: "dex-1" }, { market_id: "dex-2" }],
  });
});

it("believes a jump that the list of pools shows, too", async () => {
  await using api = await createFedApi();
  const jumped = withNewest(feedOf(15), ["dex-1"], { tvlUsd: 5 });
  const pools = [pool("dex-1", { tvlUsd: 7 }), ...["dex-2", ...lenders].map((id) => pool(id))];
  expect(await refreshFrom(api, { ...jumped, pools })).toMatchObject({ quarantined: [] });
  const stored = (await readStored(api)).observations.filter(({ market_id }) => market_id === "dex-1");
  expect(stored.at(-1)?.tvl_usd).toBe(5);
});

it.each(impossible)("takes a feed that has %s of one market, and names it once", async (_what, value) => {
  await using api = await createFedApi();
  for (const days of [15, 16]) {
    const refreshed = await refreshFrom(api, withAll(feedOf(days), ["dex-1"], value));
    expect(refreshed).toMatchObject({ outcome: "imported", quarantined: [] });
    api.clock.advance(24 * hourMs);
  }
  const named = api.logged.filter(({ message }) => message.startsWith("Values of markets are not believed"));
  const name = value[0] === "apy" ? "apy" : "tvl_usd";
  expect(named).toMatchObject([{ facts: { values: [{ market_id: "dex-1", name }] } }]);
});

it("loads lending markets without a borrow side where the feed never had one", async () => {
  await using api = await createTestApi({ marketSource: "defillama" });
  const feed = (days: number) => ({ ...feedOf(days), lendBorrowCharts: {} });
  expect(await refreshFrom(api, feed(14))).toMatchObject({ outcome: "imported", quarantined: [] });
  api.clock.advance(24 * hourMs);
  expect(await refreshFrom(api, feed(15))).toMatchObject({ outcome: "imported", quarantined: [] });
});

it("takes the others of a feed that has markets without a chart whose names cannot be stored", async () => {
  await using api = await createTestApi({ marketSource: "defillama" });
  const feed = feedOf(14);
  const pools = [...feed.pools, pool("dex-3", { symbol: "MKR\u0000" }), pool("dex\u0000")];
  const refreshed = await refreshFrom(api, { ...feed, pools });
  expect(refreshed).toMatchObject({ outcome: "imported", quarantined: [] });
  expect(await readiness(api)).toMatchObject({ market_feed: "up", quarantined_markets: [] });
});
