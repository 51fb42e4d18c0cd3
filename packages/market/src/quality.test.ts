import { describe, expect, it } from "vitest";
import type { MarketObservation } from "./market-source.ts";
import { apyMax, emptyFlagCounts, flagObservations, qualityFlags, readTvl } from "./quality.ts";
import { tvlMax } from "./tvl-judge.ts";

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

describe("impossible values", () => {
  it.each<[Partial<MarketObservation>, string]>([
    [{ tvl_usd: -1 }, "impossible_tvl"],
    [{ tvl_usd: Number.NaN }, "impossible_tvl"],
    [{ tvl_usd: Number.POSITIVE_INFINITY }, "impossible_tvl"],
    [{ tvl_usd: 5.75e24 }, "impossible_tvl"],
    [{ apy: -100.1 }, "impossible"],
    [{ apy: apyMax + 1 }, "impossible"],
    [{ apy: Number.NEGATIVE_INFINITY }, "impossible"],
    [{ apy_base: Number.NaN }, "impossible"],
    [{ apy_reward: apyMax * 2 }, "impossible"],
    [{ apy_base_borrow: -101 }, "impossible"],
    [{ utilization: -0.01 }, "impossible_utilization"],
    [{ utilization: 1.01 }, "impossible_utilization"],
    [{ utilization: 85 }, "impossible_utilization"],
    [{ utilization: Number.NaN }, "impossible_utilization"],
  ])("flags %o as %s", (given, flag) => {
    expect(flagsOf([observe("2025-01-01T00:00:00Z", given)])).toEqual([[flag]]);
  });

  it.each<Partial<MarketObservation>>([
    { tvl_usd: 0 },
    { tvl_usd: tvlMax },
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

  it("flags a TVL without its decimals by what the market had before, and goes on believing what comes after", () => {
    const tvls = [50_000, 52_000, 51_000e6, 49_000, 3e9, 60_000];
    const flags = flagsOf(daily(tvls.length, (day) => ({ tvl_usd: tvls[day] ?? 0, apy: day })));
    expect(flags).toEqual([[], [], ["tvl_without_6_decimals"], [], [], []]);
  });

  it("believes a market that was not seen for a month, and one that grows a hundredfold a day", () => {
    const afterwards = [
      observe("2025-01-01T00:00:00Z", { tvl_usd: 1_000 }),
      observe("2025-03-01T00:00:00Z", { tvl_usd: 2e9 }),
    ];
    expect(flagsOf(afterwards)).toEqual([[], ["gap"]]);
    const tvls = [1e4, 1e6, 1e8, 1e10];
    expect(flagsOf(daily(4, (day) => ({ tvl_usd: tvls[day] ?? 0, apy: day })))).toEqual([[], [], [], []]);
  });

  it.each([6, 8, 18] as const)("reads a TVL without its %i decimals as what it is with them", (decimals) => {
    const flag = `tvl_without_${decimals}_decimals`;
    const tvls = [5_650_000, 5_751_934, 5_700_000.25, 5_751_934, 2_900_000, 11_000_000];
    const inUnits = (tvl: number) => Number(`${tvl}e${decimals}`);
    // The fourth, the fifth and the sixth came without.
    const given = tvls.map((tvl, day) => (day < 3 ? tvl : inUnits(tvl)));
    const flags = flagsOf(daily(given.length, (day) => ({ tvl_usd: given[day] ?? 0, apy: day })));
    expect(flags).toEqual([[], [], [], [flag], [flag], [flag]]);
    expect(given.map((tvl, day) => readTvl(tvl, flags[day] ?? []))).toEqual(tvls);
  });

  it.each([
    ["half of what there was, or less", 2_800_000e18],
    ["twice of what there was, or more", 11_600_000e18],
    ["a number of decimals that nothing has", 5_751_934e12],
    ["below zero", -5_751_934e18],
    ["more than all of DeFi has", 1e300],
  ])("takes a TVL for unknown that would be %s", (_, tvl) => {
    const tvls = [5_650_000, 5_751_934, 5_700_000, tvl];
    const flags = flagsOf(daily(tvls.length, (day) => ({ tvl_usd: tvls[day] ?? 0, apy: day })));
    expect(flags.at(-1)).toEqual(["impossible_tvl"]);
    expect(readTvl(tvl, flags.at(-1) ?? [])).toBeNull();
  });

  it.each<[string, readonly number[], readonly number[]]>([
    ["once", [1_000], [0]],
    ["in the newest row of a market that falls", [0.9, 0.7, 600], [2]],
    ["twice", [1_000, 900], [0, 1]],
    ["on its way to more", [1_000, 50_000], [0, 1]],
    ["and then is normal, and then is not again", [1_000, 1, 1_000], [0, 2]],
    ["for good", [1_000, 1_000, 1_000, 1_100], [0, 1]],
  ])("doubts a TVL a thousand times too large %s", (_, factors, doubted) => {
    const tvls = [...Array.from({ length: 8 }, () => 1), ...factors].map((factor) => factor * 50_000);
    const flags = flagsOf(daily(tvls.length, (day) => ({ tvl_usd: tvls[day] ?? 0, apy: day })));
    expect(flags.flatMap((each, day) => (each.includes("impossible_tvl") ? [day - 8] : []))).toEqual(doubted);
  });

  it.each<[string, readonly number[]]>([
    ["of a new market", [2_000, 2_000, 2_000, 2e6, 1e9]],
    ["of a market that was as good as empty", [...Array.from({ length: 9 }, () => 500), 5e6]],
    ["after one that was too small", [...Array.from({ length: 9 }, () => 5e6), 5_000, 5e6]],
    ["that grew two hundredfold, as one did", [...Array.from({ length: 24 }, () => 162_093), 39_687_660]],
  ])("believes a TVL %s", (_, tvls) => {
    const flags = flagsOf(daily(tvls.length, (day) => ({ tvl_usd: tvls[day] ?? 0, apy: day })));
    expect(flags.flat()).toEqual([]);
  });

  it("says what is impossible about which observation", () => {
    const reasons: [number, string][] = [];
    flagObservations(
      [observe("2025-01-01T00:00:00Z"), observe("2025-01-02T00:00:00Z", { apy: 1e7, utilization: 85 })],
      emptyFlagCounts(),
      (...found) => reasons.push(found),
    );
    expect(reasons).toEqual([
      [1, "apy is 10000000 %, outside -100 to 1000000"],
      [1, "utilization is 85, outside 0 to 1"],
    ]);
  });
});

it("counts every flag it sets", () => {
  const counts = emptyFlagCounts();
  const history = [
    ...daily(8),
    observe("2025-03-01T00:00:00Z", { apy: 7e6, tvl_usd: -1, utilization: 2 }),
    observe("2025-03-01T01:00:00Z", { apy: 1 }),
  ];
  flagObservations(history, counts);
  expect(counts).toEqual({
    same_day: 1,
    gap: 1,
    stuck: 2,
    impossible: 1,
    impossible_tvl: 1,
    impossible_utilization: 1,
    tvl_without_6_decimals: 0,
    tvl_without_8_decimals: 0,
    tvl_without_18_decimals: 0,
  });
  expect(Object.keys(counts)).toEqual([...qualityFlags]);
});
