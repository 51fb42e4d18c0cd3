import type { FigureKind } from "@obsqra/contract";
import { roundFigure } from "@obsqra/contract/testing";
import { createSimulatedSource } from "@obsqra/market";
import { fixtureCsv } from "@obsqra/market/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { importDataset } from "../market/import.service.ts";
import { createTestApi, errorOf, importCsv, readAllPages, type TestApi } from "../testing/index.ts";

const marketSource = "file:history.csv";
type Caller = Awaited<ReturnType<TestApi["signUp"]>>;
type Input = Parameters<Caller["analytics"]["risk_history"]>[0];

/** All of a history: a page of it ends after so many bytes. */
function readHistory({ analytics }: Pick<Caller, "analytics">, input: Input) {
  return readAllPages((cursor) => analytics.risk_history({ ...input, limit: 1000, cursor }));
}

/** An API that serves simulated history, without models. */
async function createApiWithHistory(days = 60): Promise<TestApi> {
  const api = await createTestApi();
  await importDataset(api.deps, await createSimulatedSource({ seed: 1, clock: api.clock, days }).load());
  return api;
}

interface WeighedRow {
  readonly protocol: string;
  readonly as_of: Date;
  readonly tvl_usd: number | null;
}

function storedRisk({ deps }: TestApi) {
  return deps.db.selectFrom("risk_history").selectAll().where("source", "=", deps.marketSource).execute();
}

/** Σ value · TVL / Σ TVL over the rows that have both; the plain mean when no row has a TVL. */
function weightedMean<TRow extends WeighedRow>(
  rows: readonly TRow[],
  read: (row: TRow) => number | null,
): number | null {
  const known = rows.flatMap((row) => {
    const value = read(row);
    return value === null ? [] : [{ value, weight: row.tvl_usd ?? 0 }];
  });
  const total = known.reduce((sum, { weight }) => sum + weight, 0);
  if (known.length === 0) return null;
  return total > 0
    ? known.reduce((sum, { value, weight }) => sum + (value * weight) / total, 0)
    : known.reduce((sum, { value }) => sum + value / known.length, 0);
}

async function expectAggregates(api: TestApi): Promise<void> {
  const caller = await api.signUp();
  const items = await readHistory(caller, { days: 90 });
  const groups = Map.groupBy(
    await storedRisk(api),
    ({ protocol, as_of }) => `${protocol} ${as_of.toISOString()}`,
  );
  const newest = Math.max(...items.map(({ as_of }) => Date.parse(as_of)));
  const served = [...groups].filter(
    ([, [row]]) => row !== undefined && row.as_of.getTime() > newest - 90 * 86_400_000,
  );
  expect(items).toHaveLength(served.length);
  for (const item of items) {
    const rows = groups.get(`${item.protocol} ${item.as_of}`) ?? [];
    const expectRounded = (kind: FigureKind, actual: number | null, expected: number | null) =>
      expect(actual).toBe(expected === null ? null : roundFigure(kind, expected));
    expectRounded(
      "score",
      item.risk_score,
      weightedMean(rows, ({ risk_score }) => risk_score),
    );
    expectRounded(
      "apy",
      item.apy,
      weightedMean(rows, ({ apy }) => apy),
    );
    expectRounded(
      "utilization",
      item.utilization,
      weightedMean(rows, ({ utilization }) => utilization),
    );
    expectRounded(
      "apyPoints",
      item.volatility,
      weightedMean(rows, ({ volatility_bp }) => volatility_bp / 100),
    );
    const tvls = rows.flatMap(({ tvl_usd }) => tvl_usd ?? []);
    expectRounded("usd", item.tvl_usd, tvls.length === 0 ? null : tvls.reduce((sum, tvl) => sum + tvl, 0));
    expect(item).toMatchObject({
      market_id: null,
      symbol: null,
      liquidity_tier: null,
      market_count: rows.length,
    });
  }
}

/** Shared, because its data takes a second to prepare: tests only read it, each as a user of its own. */
let api: TestApi;

beforeAll(async () => {
  api = await createApiWithHistory();
});

afterAll(() => api[Symbol.asyncDispose]());

it("serves the TVL-weighted mean of a protocol's markets", async () => {
  await expectAggregates(api);
});

it("weighs markets equally where none states a TVL", async () => {
  await using api = await createTestApi({ marketSource });
  await importCsv(api, fixtureCsv({ shape: "lending", markets: 3, days: 20, seed: 2 }));
  await expectAggregates(api);
});

it("leaves a market of unknown TVL out where others state theirs", async () => {
  await using api = await createTestApi({ marketSource });
  const csv = fixtureCsv({ shape: "dex", markets: 3, days: 20, seed: 3 });
  await importCsv(api, csv.replaceAll(/^(fixture-dex-2,.*?Z),\d+,/gm, "$1,,"));
  const tvls = (await storedRisk(api)).map(({ tvl_usd }) => tvl_usd);
  expect(tvls).toContain(null);
  await expectAggregates(api);
});

it("serves each market as it is stored when asked for markets", async () => {
  const ada = await api.signUp();
  const items = await readHistory(ada, { granularity: "market", protocol: "ekubo" });
  const stored = (await storedRisk(api)).filter(
    ({ protocol, as_of }) => protocol === "ekubo" && as_of >= new Date("2025-12-16T00:00:00Z"),
  );
  expect(items).toHaveLength(stored.length);
  const byKey = new Map(items.map((item) => [`${item.market_id} ${item.as_of}`, item]));
  for (const row of stored) {
    expect(byKey.get(`${row.market_id} ${row.as_of.toISOString()}`)).toMatchObject({
      protocol: "ekubo",
      risk_score: row.risk_score,
      apy: row.apy === null ? null : roundFigure("apy", row.apy),
      tvl_usd: row.tvl_usd,
      utilization: null,
      volatility: row.volatility_bp / 100,
      liquidity_tier: row.liquidity_tier,
      market_count: 1,
    });
  }
});

it("reaches back the given days, the newest one that was over included", async () => {
  await using api = await createApiWithHistory(120);
  // A year later, the days still count from there.
  api.clock.advance(365 * 86_400_000);
  const ada = await api.signUp("ada@example.org");
  const daysOf = async (input: Input) => [
    ...new Set((await readHistory(ada, input)).map(({ as_of }) => as_of)),
  ];
  expect(await daysOf({ days: 1 })).toEqual(["2026-01-14T00:00:00.000Z"]);
  expect(await daysOf({ days: 2 })).toEqual(["2026-01-14T00:00:00.000Z", "2026-01-13T00:00:00.000Z"]);
  expect(await daysOf({})).toHaveLength(30);
  expect(await daysOf({ days: 90 })).toHaveLength(90);
  for (const days of [0, 91, 1.5]) {
    expect(await errorOf(ada.analytics.risk_history({ days }))).toMatchObject({ code: "VALIDATION_FAILED" });
  }
});

it.each(["protocol", "market"] as const)(
  "gives by pages what it gives at once, per %s",
  async (granularity) => {
    const ada = await api.signUp();
    const all = await readHistory(ada, { granularity, days: 20 });
    const paged = await readAllPages(async (cursor) => {
      const page = await ada.analytics.risk_history({ granularity, days: 20, limit: 7, cursor });
      expect(page.items.length).toBeLessThanOrEqual(7);
      return page;
    });
    expect(paged).toEqual(all);
    const days = all.map(({ as_of }) => as_of);
    expect(days).toEqual(days.toSorted().reverse());
  },
);

it("serves one protocol when asked for it, and refuses one that does not exist", async () => {
  const ada = await api.signUp();
  const { items } = await ada.analytics.risk_history({ protocol: "vesu" });
  expect(new Set(items.map(({ protocol }) => protocol))).toEqual(new Set(["vesu"]));
  expect(await errorOf(ada.analytics.risk_history({ protocol: "nowhere" }))).toMatchObject({
    code: "PROTOCOL_UNKNOWN",
    details: { protocols: ["nowhere"] },
  });
});

it("gives an empty list while there is no data", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await ada.analytics.risk_history()).toEqual({
    data_source: { name: "simulated", simulated: true, replay: false, as_of: null, fetched_at: null },
    items: [],
    next_cursor: null,
  });
});
