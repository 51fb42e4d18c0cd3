import { describe, expect, it } from "vitest";
import type { LoadProgress } from "../market-source.ts";
import type { DefiLlamaDoubleOptions } from "../testing/defillama-double.ts";
import { chartFixture, poolFixture, startDefiLlamaDouble } from "../testing/defillama-double.ts";
import type { DefiLlamaSourceOptions } from "./defillama-source.ts";
import { createDefiLlamaSource } from "./defillama-source.ts";

const now = new Date("2025-01-11T12:00:00.000Z");
const ekuboId = "11111111-aaaa-4bbb-8ccc-000000000001";
const nostraId = "22222222-aaaa-4bbb-8ccc-000000000002";
const ekubo = poolFixture({ pool: ekuboId, project: "ekubo", symbol: "ETH-USDC" });
const nostra = poolFixture({
  pool: nostraId,
  project: "nostra-money-market",
  symbol: "USDC",
  exposure: "single",
});

async function start(options: DefiLlamaDoubleOptions, sourceOptions: Partial<DefiLlamaSourceOptions> = {}) {
  const double = await startDefiLlamaDouble(options);
  const source = createDefiLlamaSource({
    baseUrl: `${double.url}/`,
    fetch,
    clock: () => now,
    random: () => 0,
    sleep: async () => {},
    ...sourceOptions,
  });
  return { double, source, [Symbol.asyncDispose]: () => double[Symbol.asyncDispose]() };
}

describe("load", () => {
  it("gives the Starknet pools of the known projects under their protocol's name", async () => {
    await using service = await start({
      pools: [
        ekubo,
        poolFixture({ pool: "elsewhere", project: "ekubo", symbol: "ETH-USDC", chain: "Ethereum" }),
        poolFixture({ pool: "unknown", project: "some-casino", symbol: "ETH-USDC" }),
        nostra,
      ],
      charts: { [ekuboId]: chartFixture(10), [nostraId]: chartFixture(3) },
    });
    const dataset = await service.source.load();
    expect(dataset).toMatchObject({ source: "defillama", simulated: false, fetched_at: now });
    expect(dataset.markets.map(({ market }) => market)).toEqual([
      { id: ekuboId, protocol: "ekubo", chain: "Starknet", symbol: "ETH-USDC", kind: "dex" },
      { id: nostraId, protocol: "nostra", chain: "Starknet", symbol: "USDC", kind: "lending" },
    ]);
    expect(dataset.markets[0]?.observations).toHaveLength(10);
    expect(dataset.markets[0]?.observations[0]).toEqual({
      observed_at: new Date("2025-01-01T23:01:00.000Z"),
      tvl_usd: 1_000_000,
      apy: 5,
      apy_base: 4,
      apy_reward: 1,
      apy_base_borrow: null,
      utilization: null,
      frozen: null,
      paused: null,
      quality: [],
    });
    expect(dataset.report).toMatchObject({ rows_read: 13, rows_loaded: 13, rows_rejected: 0, duplicates: 0 });
  });

  it("takes pools in the order of the list, whichever chart comes first", async () => {
    const charts = [7, 9].map((apy) => ({ status: "success", data: [{ ...chartFixture(1)[0], apy }] }));
    const later = Promise.withResolvers<void>();
    let asked = 0;
    const source = createDefiLlamaSource({
      fetch: async (url) => {
        // The same pool is listed twice.
        if (String(url).endsWith("/pools")) return Response.json({ status: "success", data: [ekubo, ekubo] });
        const chart = charts[asked];
        asked += 1;
        if (asked === 1) await later.promise;
        else later.resolve();
        return Response.json(chart);
      },
      clock: () => now,
    });
    const { markets, report } = await source.load();
    expect(markets[0]?.observations.map(({ apy }) => apy)).toEqual([7]);
    expect(report.differing.map(({ line }) => line)).toEqual([2]);
  });

  it("takes utilization and the borrow rate of lending markets from the borrow side", async () => {
    const lendBorrow = chartFixture(2).map(({ timestamp }, day) => ({
      timestamp,
      totalSupplyUsd: day === 0 ? 2_000_000 : 0,
      totalBorrowUsd: day === 0 ? 1_500_000 : 0,
      debtCeilingUsd: null,
      apyBaseBorrow: 7.5,
      apyRewardBorrow: null,
    }));
    await using service = await start({
      pools: [ekubo, nostra],
      charts: { [ekuboId]: chartFixture(3), [nostraId]: chartFixture(3) },
      lendBorrowCharts: { [nostraId]: lendBorrow },
    });
    const { markets } = await service.source.load();
    const seen = markets[1]?.observations.map(({ utilization, apy_base_borrow }) => [
      utilization,
      apy_base_borrow,
    ]);
    expect(seen).toEqual([
      [0.75, 7.5],
      [null, 7.5],
      [null, null],
    ]);
    expect(service.double.requests).not.toContain(`/chartLendBorrow/${ekuboId}`);
  });

  const lenders = [1, 2, 3, 4, 5].map((n) =>
    poolFixture({ pool: `lender-${n}`, project: "vesu", symbol: `T${n}`, exposure: "single" }),
  );
  const lenderCharts = Object.fromEntries(lenders.map(({ pool }) => [String(pool), chartFixture(1)]));

  it("goes on asking for the borrow side of others when that of one pool fails, and names that pool", async () => {
    const [row] = chartFixture(1);
    const side = [{ timestamp: row?.timestamp, totalSupplyUsd: 4, totalBorrowUsd: 1, apyBaseBorrow: 2 }];
    await using service = await start(
      {
        pools: lenders,
        charts: lenderCharts,
        lendBorrowCharts: Object.fromEntries(lenders.map(({ pool }) => [String(pool), side])),
        failures: {
          "/chartLendBorrow/lender-1": [{ status: 404 }],
          "/chartLendBorrow/lender-3": [{ status: 200, body: '{"status":"error"}' }],
        },
      },
      { concurrency: 1 },
    );
    const { markets, doubts } = await service.source.load();
    expect(markets.map(({ observations }) => observations[0]?.utilization)).toEqual([
      null,
      0.25,
      null,
      0.25,
      0.25,
    ]);
    expect(doubts?.map(({ market, cause }) => [market.id, cause])).toEqual([
      ["lender-1", "no_borrow_side"],
      ["lender-3", "no_borrow_side"],
    ]);
  });

  it("asks for the borrow side no more after three pools in a row had none, and names all that go without", async () => {
    await using service = await start({ pools: lenders, charts: lenderCharts }, { concurrency: 1 });
    const { markets, doubts } = await service.source.load();
    expect(markets).toHaveLength(5);
    expect(service.double.requests.filter((path) => path.startsWith("/chartLendBorrow"))).toHaveLength(3);
    expect(doubts?.map(({ market }) => market.id)).toEqual(lenders.map(({ pool }) => pool));
    expect(doubts?.at(-1)?.reason).toBe("Its borrow side: not asked for, after 3 pools in a row had none");
  });

  it("ends a load whose responses are each in time and never come to an end", async () => {
    const pools = Array.from({ length: 20 }, (_, n) =>
      poolFixture({ pool: `pool-${n}`, project: "ekubo", symbol: `T${n}` }),
    );
    const source = createDefiLlamaSource({
      fetch: (url, init) => {
        if (String(url).endsWith("/pools"))
          return Promise.resolve(Response.json({ status: "success", data: pools }));
        return new Promise((_resolve, reject) =>
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
        );
      },
      clock: () => now,
      loadTimeoutMs: 20,
      timeoutMs: 600_000,
    });
    await expect(source.load()).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringContaining("has not sent everything within 0.02 seconds"),
    });
    const stop = new AbortController();
    const reason = new Error("The process stops.");
    const loading = source.load({ signal: stop.signal });
    stop.abort(reason);
    await expect(loading).rejects.toBe(reason);
  });

  it("leaves out a pool whose history is larger than any is, and takes the others", async () => {
    const huge = " ".repeat(8 * 1024 * 1024);
    const source = createDefiLlamaSource({
      fetch: async (url) => {
        if (String(url).endsWith("/pools"))
          return Response.json({ status: "success", data: [ekubo, nostra] });
        const chart = JSON.stringify({ status: "success", data: chartFixture(2) });
        return new Response(String(url).includes(ekuboId) ? chart + huge : chart);
      },
      clock: () => now,
    });
    const { markets, doubts } = await source.load();
    expect(markets.map(({ market }) => market.id)).toEqual([nostraId]);
    expect(doubts?.[0]).toMatchObject({
      market: { id: ekuboId },
      cause: "no_history",
      reason: expect.stringContaining("sent more than 8388608 bytes"),
    });
  });

  it("gives the same hash for the same content, and another for other content", async () => {
    const load = async (days: number) => {
      await using service = await start({ pools: [ekubo], charts: { [ekuboId]: chartFixture(days) } });
      return (await service.source.load()).content_sha256;
    };
    expect(await load(5)).toBe(await load(5));
    expect(await load(5)).not.toBe(await load(6));
  });

  it("downloads at most four pools at a time, and reports how far it is", async () => {
    const pools = Array.from({ length: 12 }, (_, n) =>
      poolFixture({ pool: `pool-${n}`, project: "ekubo", symbol: `T${n}` }),
    );
    let open = 0;
    let mostOpen = 0;
    const countingFetch: typeof fetch = async (...request) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      try {
        return await fetch(...request);
      } finally {
        open -= 1;
      }
    };
    await using service = await start(
      {
        pools,
        charts: Object.fromEntries(pools.map(({ pool }) => [String(pool), chartFixture(2)])),
      },
      { fetch: countingFetch },
    );
    const progress: LoadProgress[] = [];
    await service.source.load({ onProgress: (step) => progress.push(step) });
    expect(mostOpen).toBe(4);
    const downloads = progress.filter(({ step }) => step === "downloading");
    expect(downloads.map(({ done }) => done)).toEqual(Array.from({ length: 13 }, (_, done) => done));
    expect(downloads.every(({ total }) => total === 12)).toBe(true);
  });
});

describe("what does not fit", () => {
  it("is rejected and counted, pool by pool and row by row, and the rest is loaded", async () => {
    await using service = await start({
      pools: [
        ekubo,
        poolFixture({ pool: "gone", project: "ekubo", symbol: "A-B" }),
        poolFixture({ pool: "odd", project: "ekubo", symbol: "C-D" }),
        { ...nostra, symbol: null },
      ],
      charts: {
        [ekuboId]: [
          ...chartFixture(2),
          { timestamp: "yesterday", tvlUsd: 1, apy: 1 },
          { timestamp: "2025-01-05T00:00:00.000Z", tvlUsd: "1", apy: 1 },
        ],
      },
      failures: { "/chart/odd": [{ status: 200, body: '{"rows":[]}' }] },
    });
    const { markets, report } = await service.source.load();
    expect(markets.map(({ market }) => market.id)).toEqual([ekuboId]);
    expect(report).toMatchObject({ rows_read: 7, rows_loaded: 2, rows_rejected: 5 });
    expect(report.rejected.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      "4: pool 4 has an unexpected symbol",
      "1: chart row 3 has an unexpected timestamp",
      "1: chart row 4 has an unexpected tvlUsd",
      expect.stringMatching(/^2: pool "gone": 127\.0\.0\.1:\d+ responded with status 404\.$/),
      '3: pool "odd": The response is not a chart: it has no list named data.',
    ]);
  });

  it("is an error when the list of pools is something else", async () => {
    await using service = await start({
      pools: [],
      failures: {
        "/pools": [
          { status: 200, body: '{"message":"maintenance"}' },
          { status: 200, body: "<html>" },
        ],
      },
    });
    await expect(service.source.load()).rejects.toMatchObject({ code: "BAD_RESPONSE" });
    await expect(service.source.load()).rejects.toMatchObject({ code: "BAD_RESPONSE" });
  });

  it("is an error when no chart can be had", async () => {
    await using service = await start({ pools: [ekubo, nostra] });
    await expect(service.source.load()).rejects.toMatchObject({ code: "BAD_RESPONSE" });
  });
});

describe("a service in trouble", () => {
  it("is asked again after broken connections, 429 and 5xx", async () => {
    const waits: number[] = [];
    await using service = await start(
      {
        pools: [ekubo],
        charts: { [ekuboId]: chartFixture(2) },
        failures: {
          "/pools": ["hang-up", { status: 502 }],
          [`/chart/${ekuboId}`]: [{ status: 429, headers: { "retry-after": "2" } }],
        },
      },
      { sleep: async (ms) => void waits.push(ms) },
    );
    const { report } = await service.source.load();
    expect(report.rows_loaded).toBe(2);
    expect(waits).toEqual([250, 500, 2_000]);
  });

  it("costs only the pool whose chart stays away", async () => {
    await using service = await start(
      {
        pools: [ekubo, nostra],
        charts: { [ekuboId]: chartFixture(2), [nostraId]: chartFixture(2) },
        failures: { [`/chart/${nostraId}`]: [{ status: 500 }, { status: 500 }] },
      },
      { retries: 1 },
    );
    const { markets, report } = await service.source.load();
    expect(markets.map(({ market }) => market.id)).toEqual([ekuboId]);
    expect(report).toMatchObject({ rows_loaded: 2, rows_rejected: 1 });
  });

  it("is given up after five pools in a row without a response", async () => {
    const pools = Array.from({ length: 40 }, (_, n) =>
      poolFixture({ pool: `pool-${n}`, project: "ekubo", symbol: `T${n}` }),
    );
    const failures = Object.fromEntries(pools.map(({ pool }) => [`/chart/${pool}`, [{ status: 503 }]]));
    await using service = await start({ pools, failures }, { retries: 0, concurrency: 1 });
    await expect(service.source.load()).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect(service.double.requests).toHaveLength(6);
  });

  it("is unreachable when nothing listens", async () => {
    const service = await start({ pools: [] }, { retries: 1 });
    await service[Symbol.asyncDispose]();
    await expect(service.source.load()).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect(await service.source.isReachable()).toBe(false);
  });
});

describe("isReachable", () => {
  it("is true for a service that responds, false for one that fails, after one request each", async () => {
    await using service = await start({
      pools: [ekubo],
      failures: { "/pools": [{ status: 503 }, "hang-up"] },
    });
    expect(await service.source.isReachable()).toBe(false);
    expect(await service.source.isReachable()).toBe(false);
    expect(await service.source.isReachable()).toBe(true);
    expect(service.double.requests).toEqual(["/pools", "/pools", "/pools"]);
  });
});

it("stops with the signal's reason", async () => {
  await using service = await start({ pools: [ekubo, nostra], charts: { [ekuboId]: chartFixture(2) } });
  const controller = new AbortController();
  const reason = new Error("shutting down");
  const load = service.source.load({ signal: controller.signal, onProgress: () => controller.abort(reason) });
  await expect(load).rejects.toBe(reason);
});
