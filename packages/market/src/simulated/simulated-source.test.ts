import { describe, expect, it } from "vitest";
import type { MarketHistory, MarketObservation } from "../market-source.ts";
import { protocolRegistry } from "../protocol-registry.ts";
import { emptyFlagCounts } from "../quality.ts";
import { createSimulatedSource } from "./simulated-source.ts";

const now = new Date("2025-11-20T15:30:00.000Z");

async function load(given: { seed?: number | string; at?: Date; days?: number } = {}) {
  const { seed = 1, at = now, ...rest } = given;
  return await createSimulatedSource({ seed, clock: () => at, ...rest }).load();
}

function lastOf({ observations }: MarketHistory): MarketObservation | undefined {
  return observations.at(-1);
}

it("says that it is simulated, in the dataset and in every id", async () => {
  const dataset = await load();
  expect(dataset).toMatchObject({ source: "simulated", simulated: true, fetched_at: now });
  for (const { market } of dataset.markets) {
    expect(market.id).toMatch(/^simulated:/);
    expect(market.chain).toBe("Starknet");
  }
});

it("covers every curated protocol, each as the registry knows it", async () => {
  const { markets } = await load();
  const protocols = new Map(markets.map(({ market }) => [market.protocol, market.kind]));
  expect(Object.fromEntries(protocols)).toEqual(
    Object.fromEntries(protocolRegistry.map(({ name, kind }) => [name, kind])),
  );
});

describe("determinism", () => {
  it("gives the same history for the same seed, and another one for another seed", async () => {
    const first = await load({ seed: 7 });
    expect(await load({ seed: 7 })).toEqual(first);
    expect((await load({ seed: 8 })).content_sha256).not.toBe(first.content_sha256);
  });

  it("keeps its numbers across versions and machines", async () => {
    const { markets } = await load({ seed: 1, days: 2 });
    const ekubo = markets.find(({ market }) => market.id === "simulated:ekubo:eth-usdc");
    expect(ekubo?.observations.map(({ apy, tvl_usd }) => [apy, tvl_usd])).toMatchInlineSnapshot(`
      [
        [
          23.76782,
          11503911,
        ],
        [
          15.47764,
          11401322,
        ],
      ]
    `);
  });

  it("adds a day on the next day and changes none", async () => {
    const today = await load();
    const tomorrow = await load({ at: new Date(now.getTime() + 86_400_000) });
    for (const [index, { market, observations }] of today.markets.entries()) {
      const next = tomorrow.markets[index]?.observations ?? [];
      expect(next.slice(0, -1)).toEqual(
        market.protocol === "zklend" ? observations.slice(0, -1) : observations.slice(1),
      );
    }
  });
});

it("ends at the latest UTC midnight and is as long as asked for", async () => {
  const { markets, report } = await load({ days: 30 });
  for (const history of markets) {
    expect(history.observations).toHaveLength(30);
    const end = history.market.protocol === "zklend" ? "2025-02-12" : "2025-11-20";
    expect(lastOf(history)?.observed_at).toEqual(new Date(`${end}T00:00:00.000Z`));
  }
  expect(report).toMatchObject({ rows_read: 30 * markets.length, rows_loaded: 30 * markets.length });
});

describe("zkLend", () => {
  it("is drained and paused on its last day", async () => {
    const { markets } = await load();
    for (const { observations } of markets.filter(({ market }) => market.protocol === "zklend")) {
      const [before, last] = observations.slice(-2);
      expect(last).toMatchObject({ paused: true, frozen: true });
      expect(before).toMatchObject({ paused: false, frozen: false });
      expect(last?.tvl_usd).toBeLessThan(0.2 * (before?.tvl_usd ?? 0));
    }
  });

  it("is alive while the clock is before the exploit", async () => {
    const { markets } = await load({ at: new Date("2025-01-15T08:00:00Z") });
    for (const history of markets.filter(({ market }) => market.protocol === "zklend")) {
      expect(lastOf(history)).toMatchObject({ observed_at: new Date("2025-01-15T00:00:00Z"), paused: false });
    }
  });
});

describe("plausibility", () => {
  it.each([1, 2, 3, 4, 5])(
    "seed %i: no observation is flagged, levels stay in a believable range",
    async (seed) => {
      const { markets, report } = await load({ seed });
      expect(report.flags).toEqual(emptyFlagCounts());
      for (const { market, observations } of markets) {
        for (const { tvl_usd, apy, utilization } of observations) {
          expect(apy).toBeGreaterThan(0);
          expect(apy).toBeLessThan(market.kind === "lending" ? 100 : 2_000);
          expect(tvl_usd).toBeGreaterThan(50_000);
          expect(tvl_usd).toBeLessThan(200_000_000);
          expect(utilization === null).toBe(market.kind === "dex");
        }
      }
    },
  );

  it("pays lenders more when more is borrowed", async () => {
    const { markets } = await load();
    for (const { observations } of markets.filter(({ market }) => market.kind === "lending")) {
      const byUtilization = observations.toSorted(
        (left, right) => (left.utilization ?? 0) - (right.utilization ?? 0),
      );
      const half = byUtilization.length / 2;
      expect(meanBaseApy(byUtilization.slice(half))).toBeGreaterThan(
        1.2 * meanBaseApy(byUtilization.slice(0, half)),
      );
    }
  });
});

function meanBaseApy(observations: readonly MarketObservation[]): number {
  return observations.reduce((sum, { apy_base }) => sum + (apy_base ?? 0), 0) / observations.length;
}
