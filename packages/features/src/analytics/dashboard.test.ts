import type { Dashboard } from "@obsqra/contract";
import { createSimulatedSource } from "@obsqra/market";
import { afterAll, beforeAll, expect, it } from "vitest";
import { importDataset } from "../market/import.service.ts";
import { createTestApi, importCsv, type TestApi } from "../testing/index.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;

async function createApiWithHistory(): Promise<TestApi> {
  const api = await createTestApi();
  await importDataset(api.deps, await createSimulatedSource({ seed: 1, clock: api.clock, days: 60 }).load());
  return api;
}

function overviewOf({ protocols }: Dashboard, name: string): Dashboard["protocols"][number] {
  const found = protocols.find(({ protocol }) => protocol === name);
  if (found === undefined) throw new Error(`The dashboard lacks ${name}.`);
  return found;
}

/** A protocol's figures on the newest and on the first of so many days. */
async function endsOf(caller: Caller, protocol: string, days: number) {
  const { items } = await caller.analytics.risk_history({ protocol, days, limit: 1000 });
  const [newest, first] = [items[0], items.at(-1)];
  if (newest === undefined || first === undefined) throw new Error(`${protocol} has no history.`);
  return { newest, first };
}

/** Shared, because its data takes a second to prepare: tests only read it, each as a user of its own. */
let api: TestApi;

beforeAll(async () => {
  api = await createApiWithHistory();
});

afterAll(() => api[Symbol.asyncDispose]());

it("shows each active protocol as its history ends, and the change over the period", async () => {
  const ada = await api.signUp();
  const dashboard = await ada.analytics.dashboard({ days: 20 });
  expect(dashboard.period).toEqual({
    days: 20,
    from: "2025-12-26T00:00:00.000Z",
    to: "2026-01-14T00:00:00.000Z",
  });
  for (const name of ["ekubo", "nostra", "vesu"]) {
    const { newest, first } = await endsOf(ada, name, 20);
    const shown = overviewOf(dashboard, name);
    expect(shown).toMatchObject({ status: "active", as_of: newest.as_of, market_count: newest.market_count });
    expect(shown.risk_score).toBe(newest.risk_score);
    expect(shown.apy).toBe(newest.apy);
    expect(shown.tvl_usd).toBe(newest.tvl_usd);
    // Rounded from what it is, and not from what is shown.
    expect(
      Math.abs((shown.risk_score_trend ?? Number.NaN) - (newest.risk_score - first.risk_score)),
    ).toBeLessThan(0.16);
    expect(Math.abs((shown.apy_trend ?? Number.NaN) - ((newest.apy ?? 0) - (first.apy ?? 0)))).toBeLessThan(
      0.016,
    );
  }
});

it("sums up the active protocols, with means weighted by TVL", async () => {
  const ada = await api.signUp();
  const dashboard = await ada.analytics.dashboard();
  const { aggregates, protocols } = dashboard;
  expect(protocols.map(({ protocol }) => protocol)).toEqual(["ekubo", "nostra", "vesu", "zklend"]);
  const active = protocols.filter(({ status }) => status === "active");
  const tvl = active.reduce((sum, { tvl_usd }) => sum + (tvl_usd ?? 0), 0);
  const mean = (read: (overview: Dashboard["protocols"][number]) => number | null) =>
    active.reduce((sum, overview) => sum + ((read(overview) ?? 0) * (overview.tvl_usd ?? 0)) / tvl, 0);
  expect(aggregates).toMatchObject({ protocol_count: 4, active_protocol_count: 3 });
  expect(aggregates.market_count).toBe(active.reduce((sum, { market_count }) => sum + market_count, 0));
  expect(aggregates.tvl_usd).toBeCloseTo(tvl, 1);
  expect(aggregates.mean_risk_score).toBeCloseTo(
    mean(({ risk_score }) => risk_score),
    0,
  );
  expect(aggregates.mean_apy).toBeCloseTo(
    mean(({ apy }) => apy),
    1,
  );
});

it("shows zkLend as exploited, with its last figures, the day they are of, and the evidence", async () => {
  const ada = await api.signUp();
  expect(overviewOf(await ada.analytics.dashboard(), "zklend")).toMatchObject({
    status: "exploited",
    status_evidence_url: "https://rekt.news/zklend-rekt",
    as_of: "2025-02-12T00:00:00.000Z",
    risk_score: expect.any(Number),
    risk_score_trend: null,
    apy_trend: null,
  });
});

it("counts a market that has been silent for three days, and none that has been for four", async () => {
  const csv = ["pool,project,chain,symbol,timestamp,tvlUsd,apy"];
  const lastDays = { current: 20, silent: 17, gone: 16 };
  for (const [pool, lastDay] of Object.entries(lastDays)) {
    for (let day = 1; day <= lastDay; day += 1) {
      csv.push(`${pool},fixture-swap,Starknet,A-B,2025-01-${String(day).padStart(2, "0")}T12:00:00Z,1000,5`);
    }
  }
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  await importCsv(api, csv.join("\n"));
  const ada = await api.signUp("ada@example.org");
  expect(overviewOf(await ada.analytics.dashboard(), "fixture-swap")).toMatchObject({
    as_of: "2025-01-20T00:00:00.000Z",
    market_count: 2,
    tvl_usd: 2000,
    apy: 5,
    apy_trend: 0,
  });
});

it("shows the user's latest allocation, and nobody else's", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  const input = { tx_type: "allocate" as const, amount: "1" };
  await ada.transactions.create({ ...input, tx_hash: "0x1", allocation: { nostra: 100 } });
  await ada.transactions.create({ ...input, tx_hash: "0x2", allocation: { ekubo: 25, vesu: 75 } });
  expect((await ada.analytics.dashboard()).latest_allocation).toMatchObject({
    allocation: { ekubo: 25, vesu: 75 },
    tx_hash: `0x${"2".padStart(64, "0")}`,
  });
  expect((await eve.analytics.dashboard()).latest_allocation).toBeNull();
  expect((await eve.analytics.allocation_history()).items).toEqual([]);
});

it("pages the allocations newest first", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  for (const share of [10, 20, 30]) {
    await ada.transactions.create({
      tx_hash: `0x${share}`,
      tx_type: "rebalance",
      amount: "1",
      allocation: { nostra: share, ekubo: 100 - share },
    });
  }
  const first = await ada.analytics.allocation_history({ limit: 2 });
  const rest = await ada.analytics.allocation_history({ limit: 2, cursor: first.next_cursor ?? undefined });
  expect([...first.items, ...rest.items].map(({ allocation }) => allocation.nostra)).toEqual([30, 20, 10]);
  expect(rest.next_cursor).toBeNull();
});

it("gives nulls, not errors, while there is no data", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const dashboard = await ada.analytics.dashboard();
  expect(dashboard).toMatchObject({
    period: { days: 30, from: null, to: null },
    data_source: { simulated: true, as_of: null },
    latest_allocation: null,
    aggregates: {
      protocol_count: 4,
      active_protocol_count: 3,
      market_count: 0,
      tvl_usd: null,
      mean_risk_score: null,
      mean_apy: null,
    },
  });
  expect(dashboard.protocols).toHaveLength(4);
  for (const protocol of dashboard.protocols) {
    expect(protocol).toMatchObject({
      as_of: null,
      risk_score: null,
      apy: null,
      tvl_usd: null,
      market_count: 0,
      risk_score_trend: null,
      apy_trend: null,
    });
  }
});
