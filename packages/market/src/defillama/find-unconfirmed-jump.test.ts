import { describe, expect, it } from "vitest";
import type { MarketObservation } from "../market-source.ts";
import { findUnconfirmedJump } from "./find-unconfirmed-jump.ts";

/** Daily rows of January 2026 with these values; null is what the chart does not say. */
function chart(
  values: readonly (number | null)[],
  column: "tvl_usd" | "apy" = "tvl_usd",
): MarketObservation[] {
  return values.map((value, day) => ({
    observed_at: new Date(Date.UTC(2026, 0, 1 + day, 23)),
    tvl_usd: null,
    apy: null,
    apy_base: null,
    apy_reward: null,
    apy_base_borrow: null,
    utilization: null,
    frozen: null,
    paused: null,
    quality: [],
    [column]: value,
  }));
}

const steady = Array.from({ length: 10 }, () => 1_000_000);

describe("a jump that the list of pools does not show", () => {
  it("is told with both days and what the list says", () => {
    expect(findUnconfirmedJump(chart([...steady, 5]), { tvlUsd: 990_000 })).toBe(
      "The chart's tvlUsd is 5 on 2026-01-11, after 1000000 on 2026-01-10, while the list of pools says 990000.",
    );
    expect(findUnconfirmedJump(chart([4, 4, 900], "apy"), { apy: 4 })).toContain("The chart's apy is 900");
    expect(findUnconfirmedJump(chart([...steady, 0]), { tvlUsd: 990_000 })).toContain("tvlUsd is 0");
  });

  it("is not believed by being repeated, until the chart has said so for a week", () => {
    const repeated = (times: number) => [...steady, ...Array.from({ length: times }, () => 5)];
    for (const times of [1, 2, 6, 7]) {
      expect(findUnconfirmedJump(chart(repeated(times)), { tvlUsd: 990_000 })).toBeDefined();
    }
    expect(findUnconfirmedJump(chart(repeated(8)), { tvlUsd: 990_000 })).toBeUndefined();
  });

  it("is none where the list shows it, says nothing, or where the chart is back", () => {
    const fallen = chart([...steady, 5]);
    for (const pool of [{ tvlUsd: 7 }, {}, { tvlUsd: null }]) {
      expect(findUnconfirmedJump(fallen, pool)).toBeUndefined();
    }
    expect(findUnconfirmedJump(chart([...steady, 5, 1_000_000]), { tvlUsd: 990_000 })).toBeUndefined();
  });

  it("is none in small markets and small rates, in the first row, and where the list has always said otherwise", () => {
    expect(findUnconfirmedJump(chart([9_000, 5]), { tvlUsd: 9_000 })).toBeUndefined();
    expect(findUnconfirmedJump(chart([1, 49], "apy"), { apy: 1 })).toBeUndefined();
    expect(findUnconfirmedJump(chart([5]), { tvlUsd: 990_000 })).toBeUndefined();
    expect(findUnconfirmedJump(chart([]), { tvlUsd: 990_000 })).toBeUndefined();
    expect(findUnconfirmedJump(chart(steady), { tvlUsd: 5 })).toBeUndefined();
  });
});
