import { describe, expect, it } from "vitest";
import type { MarketObservation } from "./market-source.ts";
import { apyMax, emptyFlagCounts, flagObservations, qualityFlags } from "./quality.ts";

function observe(at: string, given: Partial<MarketObservation> = {}): MarketObservation {
  return {
    observed_at: new Date(at),
    tvl_usd: 1_000_000,
    apy: 5,
    apy_base: null,
    apy_reward: null,
    apy_base_borrow: null,
    utilization: null,
    frozen: null,
    paused: null,
    quality: [],
    ...given,
  };
}

function flagsOf(observations: MarketObservation[]): string[][] {
  flagObservations(observations, emptyFlagCounts());
  return observations.map(({ quality }) => quality);
}

/** One reading a day at 23:00, all alike unless `change` says otherwise. */
function daily(count: number, change: (day: number) => Partial<MarketObservation> = () => ({})) {
  return Array.from({ length: count }, (_, day) =>
    observe(new Date(Date.UTC(2025, 0, 1 + day, 23)).toISOString(), change(day)),
  );
}

describe("same_day", () => {
  it("flags every observation of a UTC day but the last", () => {
    const flags = flagsOf([
      observe("2025-01-01T00:00:00Z", { apy: 1 }),
      observe("2025-01-01T12:00:00Z", { apy: 2 }),
      observe("2025-01-01T23:59:59Z", { apy: 3 }),
      observe("2025-01-02T00:00:00Z", { apy: 4 }),
    ]);
    expect(flags).toEqual([["same_day"], ["same_day"], [], []]);
  });
});

describe("gap", () => {
  it("flags the first observation after two missing days, not after one", () => {
    expect(flagsOf([observe("2025-01-01T23:00:00Z"), observe("2025-01-03T01:00:00Z")])).toEqual([[], []]);
    expect(flagsOf([observe("2025-01-01T23:00:00Z"), observe("2025-01-04T01:00:00Z")])).toEqual([
      [],
      ["gap"],
    ]);
  });
});

describe("stuck", () => {
  it("flags an unchanged reading from its seventh day on, and no day before", () => {
    expect(flagsOf(daily(9))).toEqual([[], [], [], [], [], [], ["stuck"], ["stuck"], ["stuck"]]);
  });

  it("starts over when APY, TVL or utilization changes", () => {
    for (const field of ["apy", "tvl_usd", "utilization"] as const) {
      expect(flagsOf(daily(10, (day) => ({ [field]: day < 5 ? 0.5 : 0.6 }))).flat()).toEqual([]);
    }
  });

  it("accepts a market that pays nothing, or does not say what it pays", () => {
    expect(flagsOf(daily(10, () => ({ apy: 0 }))).flat()).toEqual([]);
    expect(flagsOf(daily(10, () => ({ apy: null }))).flat()).toEqual([]);
  });

  it("counts days, not readings", () => {
    const hourly = Array.from({ length: 24 }, (_, hour) =>
      observe(new Date(Date.UTC(2025, 0, 1, hour)).toISOString()),
    );
    expect(flagsOf(hourly).flat()).not.toContain("stuck");
  });

  it("does not change earlier flags when later data arrives", () => {
    const history = daily(12, (day) => ({ apy: day < 10 ? 5 : 6 }));
    const complete = flagsOf(history);
    for (let known = 1; known < history.length; known += 1) {
      expect(flagsOf(history.slice(0, known))).toEqual(complete.slice(0, known));
    }
  });
});

describe("impossible", () => {
  it.each<Partial<MarketObservation>>([
    { tvl_usd: -1 },
    { tvl_usd: Number.NaN },
    { tvl_usd: Number.POSITIVE_INFINITY },
    { apy: -100.1 },
    { apy: apyMax + 1 },
    { apy: Number.NEGATIVE_INFINITY },
    { apy_base: Number.NaN },
    { apy_reward: apyMax * 2 },
    { apy_base_borrow: -101 },
    { utilization: -0.01 },
    { utilization: 1.01 },
    { utilization: Number.NaN },
  ])("flags %o", (given) => {
    expect(flagsOf([observe("2025-01-01T00:00:00Z", given)])).toEqual([["impossible"]]);
  });

  it.each<Partial<MarketObservation>>([
    { tvl_usd: 0 },
    { tvl_usd: null, apy: null },
    { apy: -100 },
    { apy: apyMax },
    { apy: 355_083.4285 },
    { utilization: 0 },
    { utilization: 1 },
    { utilization: 1.000002 },
  ])("accepts %o", (given) => {
    expect(flagsOf([observe("2025-01-01T00:00:00Z", given)])).toEqual([[]]);
  });
});

it("counts every flag it sets", () => {
  const counts = emptyFlagCounts();
  const history = [
    ...daily(8),
    observe("2025-03-01T00:00:00Z", { apy: 7e6 }),
    observe("2025-03-01T01:00:00Z", { apy: 1 }),
  ];
  flagObservations(history, counts);
  expect(counts).toEqual({ same_day: 1, gap: 1, stuck: 2, impossible: 1 });
  expect(Object.keys(counts)).toEqual([...qualityFlags]);
});
