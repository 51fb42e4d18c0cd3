import { createSimulatedSource, type MarketDataset, toMarketHistory } from "@obsqra/market";
import { fixtureCsv } from "@obsqra/market/testing";
import { expect, it } from "vitest";
import { callerWith, createTestApi, importCsv, loadCsv, type TestApi } from "../testing/index.ts";
import { importDataset } from "./import.service.ts";
import { findImport, loadPanel } from "./market.service.ts";
import { toPanel } from "./market-series.ts";

const source = "file:history.csv";
const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward";

/** A daily row at 23:00 for each APY, from 2025-01-01 on. */
function rows(pool: string, apys: readonly number[], project = "fixture-swap"): string {
  const line = (apy: number, index: number) =>
    `${pool},${project},Starknet,A-B,${new Date(Date.UTC(2025, 0, 1 + index, 23)).toISOString()},1000000,${apy},${apy},`;
  return apys.map(line).join("\n");
}

const tenDays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

async function simulated({ clock }: TestApi["deps"], days = 40): Promise<MarketDataset> {
  return createSimulatedSource({ seed: 1, clock, days }).load();
}

async function everyRow({ deps: { db } }: TestApi) {
  return {
    imports: await db.selectFrom("market_imports").selectAll().orderBy("id").execute(),
    markets: await db.selectFrom("markets").selectAll().orderBy("id").execute(),
    observations: await db
      .selectFrom("market_history")
      .selectAll()
      .orderBy("source")
      .orderBy("market_id")
      .orderBy("observed_at")
      .execute(),
    risk: await db
      .selectFrom("risk_history")
      .selectAll()
      .orderBy("source")
      .orderBy("market_id")
      .orderBy("as_of")
      .execute(),
  };
}

it("stores every observation of a data set", async () => {
  await using api = await createTestApi();
  const dataset = await simulated(api.deps);
  await importDataset(api.deps, dataset);
  const { observations, markets, imports } = await everyRow(api);
  const expected = dataset.markets.flatMap((history) =>
    history.observations.map((observation) => ({
      market_id: history.market.id,
      source: "simulated",
      fetched_at: dataset.fetched_at,
      import_id: imports[0]?.id,
      ...observation,
    })),
  );
  expect(observations).toEqual(expected);
  expect(markets).toEqual(dataset.markets.map(({ market }) => market));
});

it("adds nothing when the same data set comes again", async () => {
  await using api = await createTestApi();
  await importDataset(api.deps, await simulated(api.deps));
  const before = await everyRow(api);
  await importDataset(api.deps, await simulated(api.deps));
  expect(await everyRow(api)).toEqual(before);
});

it("stores once what several imports bring at once", async () => {
  await using api = await createTestApi();
  const dataset = await simulated(api.deps);
  await Promise.all(Array.from({ length: 3 }, () => importDataset(api.deps, dataset)));
  const { imports, observations } = await everyRow(api);
  expect(imports).toHaveLength(1);
  expect(observations).toHaveLength(dataset.report.rows_loaded);
});

it("replaces the rows of a file that changed, and of no other source", async () => {
  await using api = await createTestApi();
  const other = await loadCsv(`${header}\n${rows("kept", tenDays)}`, { clock: api.clock, name: "other.csv" });
  await importDataset(api.deps, other);
  await importCsv(api, `${header}\n${rows("old", tenDays)}\n${rows("both", tenDays)}`);
  await importCsv(api, `${header}\n${rows("both", [11, 12, 13, 14, 15, 16, 17])}`);
  const { observations, risk } = await everyRow(api);
  const apys = (name: string) =>
    observations.filter((row) => row.source === source && row.market_id === name).map(({ apy }) => apy);
  expect(apys("old")).toEqual([]);
  expect(apys("both")).toEqual([11, 12, 13, 14, 15, 16, 17]);
  expect(risk.filter((row) => row.source === source)).toHaveLength(1);
  expect(observations.filter((row) => row.source === other.source)).toHaveLength(10);
  expect((await loadPanel(api.deps, source)).map(({ market_id }) => market_id)).toEqual(["both"]);
});

it("goes back to a file's earlier content when the file does", async () => {
  await using api = await createTestApi();
  const first = `${header}\n${rows("pool", [1, 2, 3])}`;
  const { content_sha256 } = await importCsv(api, first);
  await importCsv(api, `${header}\n${rows("pool", [4, 5])}`);
  await importCsv(api, first);
  expect((await everyRow(api)).observations.map(({ apy }) => apy)).toEqual([1, 2, 3]);
  // The clock stands still, so the three imports are of the same moment.
  expect(await findImport(api.deps, source)).toMatchObject({ content_sha256 });
});

it("leaves nothing behind when it fails", async () => {
  await using api = await createTestApi();
  await importCsv(api, `${header}\n${rows("pool", tenDays)}`);
  const before = await everyRow(api);
  const csv = fixtureCsv({ shape: "dex", markets: 10, days: 600, seed: 1 });
  const dataset = await loadCsv(csv, { clock: api.clock });
  const markets = dataset.markets.map(({ market, observations }) => toMarketHistory(market, observations));
  const last = markets.at(-1)?.observations.at(-1);
  // The database refuses the very last row, after the first batches have been written.
  Object.assign(last ?? {}, { quality: ["}"] });
  await expect(importDataset(api.deps, { ...dataset, markets })).rejects.toMatchObject({ code: "22P02" });
  expect(await everyRow(api)).toEqual(before);
});

it("refuses a data set in which nothing could be read", async () => {
  await using api = await createTestApi();
  const dataset = await loadCsv(`${header}\nbroken`, { clock: api.clock });
  await expect(importDataset(api.deps, dataset)).rejects.toThrow("brought nothing that can be read");
  expect(await findImport(api.deps, source)).toBeUndefined();
});

it("reports progress that rises to the whole", async () => {
  await using api = await createTestApi();
  const seen: number[] = [];
  const csv = fixtureCsv({ shape: "dex", markets: 15, days: 400, seed: 1 });
  await importDataset(api.deps, await loadCsv(csv, { clock: api.clock }), (fraction) => seen.push(fraction));
  expect(seen).toEqual(seen.toSorted((left, right) => left - right));
  expect(seen.length).toBeGreaterThan(1);
  expect(seen.at(-1)).toBe(1);
});

it("stores impossible observations, flagged, and keeps them out of the panel and the risk figures", async () => {
  await using api = await createTestApi();
  await importCsv(api, `${header}\n${rows("pool", [1, 2, 3, 2_000_000, 5, 6, 7, 8, 9])}`);
  const { observations, risk } = await everyRow(api);
  expect(observations.map(({ apy, quality }) => [apy, quality.includes("impossible")])).toContainEqual([
    2_000_000,
    true,
  ]);
  const [series] = await loadPanel(api.deps, source);
  expect([...(series?.apy ?? [])]).toEqual([1, 2, 3, 5, 6, 7, 8, 9]);
  expect(risk.map(({ apy }) => apy)).toEqual([8, 9]);
});

it("loads a panel that equals what was imported of days that were over", async () => {
  await using api = await createTestApi();
  const dataset = await simulated(api.deps);
  await importDataset(api.deps, dataset);
  const panel = await loadPanel(api.deps, "simulated");
  const orNaN = (value: number | null) => value ?? Number.NaN;
  expect(panel).toEqual(
    dataset.markets.map(({ market, observations: all }) => {
      const observations = all.filter(({ observed_at }) => observed_at < new Date("2026-01-15"));
      return expect.objectContaining({
        market_id: market.id,
        protocol: market.protocol,
        kind: market.kind,
        days: Int32Array.from(observations, ({ observed_at }) => observed_at.getTime() / 86_400_000),
        apy: Float64Array.from(observations, ({ apy }) => orNaN(apy)),
        apy_base: Float64Array.from(observations, ({ apy_base }) => orNaN(apy_base)),
        apy_reward: Float64Array.from(observations, ({ apy_reward }) => apy_reward ?? 0),
        tvl_usd: Float64Array.from(observations, ({ tvl_usd }) => orNaN(tvl_usd)),
        utilization: Float64Array.from(observations, ({ utilization }) => orNaN(utilization)),
        frozen: Uint8Array.from(observations, ({ frozen }) => (frozen === true ? 1 : 0)),
      });
    }),
  );
});

it("makes the panel that is loaded, of a file that was never imported", async () => {
  await using api = await createTestApi();
  const files = [
    `${header}\n${rows("pool", [1, 2, 2_000_000, 4], "vesu")}\n${rows("Pool", tenDays)}\nbroken`,
    fixtureCsv({ shape: "lending", markets: 3, days: 20, seed: 1 }),
  ];
  for (const csv of files) {
    const dataset = await importCsv(api, csv);
    const byId = (left: { market_id: string }, right: { market_id: string }) =>
      left.market_id < right.market_id ? -1 : 1;
    expect(toPanel(dataset)).toEqual((await loadPanel(api.deps, source)).toSorted(byId));
  }
});

it("takes the last observation of a day, and NaN for what the source did not say", async () => {
  await using api = await createTestApi();
  const line = (time: string, tvl: string, apy: string) =>
    `pool,fixture-swap,Starknet,A-B,${time},${tvl},${apy},,`;
  await importCsv(
    api,
    [
      header,
      line("2025-01-02T10:00:00Z", "20", "2.5"),
      line("2025-01-01T00:00:00Z", "10", "1"),
      line("2025-01-01T23:59:59.999Z", "", "1.5"),
      line("2025-01-01T12:00:00Z", "12", "1.2"),
    ].join("\n"),
  );
  const first = Date.UTC(2025, 0, 1) / 86_400_000;
  expect(await loadPanel(api.deps, source)).toMatchObject([
    {
      days: Int32Array.of(first, first + 1),
      apy: Float64Array.of(1.5, 2.5),
      tvl_usd: Float64Array.of(Number.NaN, 20),
      apy_base: Float64Array.of(Number.NaN, Number.NaN),
      utilization: Float64Array.of(Number.NaN, Number.NaN),
      launched_day: first,
    },
  ]);
});

it("keeps the figures of earlier days when a later load reaches back less far", async () => {
  await using api = await createTestApi();
  await importDataset(api.deps, await simulated(api.deps));
  const before = await everyRow(api);
  api.clock.advance(20 * 86_400_000);
  await importDataset(api.deps, await simulated(api.deps));
  const after = await everyRow(api);
  expect(after.risk.length).toBeGreaterThan(before.risk.length);
  const known = new Set(before.risk.map(({ market_id, as_of }) => `${market_id} ${as_of.getTime()}`));
  expect(after.risk.filter(({ market_id, as_of }) => known.has(`${market_id} ${as_of.getTime()}`))).toEqual(
    before.risk,
  );
});

it("registers a project that it does not know as active, without evidence, of its markets' kind", async () => {
  await using api = await createTestApi();
  await importCsv(api, fixtureCsv({ shape: "lending", markets: 1, days: 10, seed: 1 }));
  const protocol = await api.deps.db
    .selectFrom("protocols")
    .select(["kind", "status", "evidence_url", "audit_score"])
    .where("name", "=", "fixture-lend")
    .executeTakeFirst();
  expect(protocol).toEqual({ kind: "lending", status: "active", evidence_url: null, audit_score: 0 });
});

it("says where figures come from, and when they are made up or replayed from a file", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register({
    email: "ada@example.org",
    password: "correct horse battery",
    full_name: "Ada",
  });
  const describeSource = async (marketSource: string) =>
    (await callerWith(api, { marketSource }, access_token).predictions.models()).data_source;
  const nothingYet = { as_of: null, fetched_at: null };
  expect(await describeSource("simulated")).toEqual({
    name: "simulated",
    simulated: true,
    replay: false,
    ...nothingYet,
  });
  expect(await describeSource(source)).toEqual({
    name: source,
    simulated: false,
    replay: true,
    ...nothingYet,
  });
  await importDataset(api.deps, await simulated(api.deps));
  await importCsv(api, `${header}\n${rows("pool", tenDays)}`);
  const fetched_at = "2026-01-15T12:00:00.000Z";
  expect(await describeSource("simulated")).toEqual({
    name: "simulated",
    simulated: true,
    replay: false,
    as_of: "2026-01-15T00:00:00.000Z",
    fetched_at,
  });
  expect(await describeSource(source)).toEqual({
    name: source,
    simulated: false,
    replay: true,
    as_of: "2025-01-10T23:00:00.000Z",
    fetched_at,
  });
});
