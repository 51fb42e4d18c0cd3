import { describe, expect, it } from "vitest";
import { lendingMarket } from "../test-support/illiquidity-fixtures.ts";
import { illiquidDays, illiquidityOutcomes } from "./illiquidity-event.ts";

/** Days 0 … last with the given exceptions; `null` = not observed. */
function market(
  lastDay: number,
  exceptions: Record<number, { utilization?: number; frozen?: 0 | 1 } | null>,
) {
  const days = Array.from({ length: lastDay + 1 }, (_unused, day) => day)
    .filter((day) => exceptions[day] !== null)
    .map((day) => ({ day, ...exceptions[day] }));
  return lendingMarket("m", days);
}

/** The outcome of day 0 when the series is known until `lastKnownDay`. */
function outcomeOfDay0(exceptions: Parameters<typeof market>[1], lastKnownDay = 14): number | undefined {
  return illiquidityOutcomes(market(lastKnownDay, exceptions), lastKnownDay)[0];
}

describe("a day is illiquid", () => {
  it("when utilization exceeds 98 %, and not when it is exactly 98 %", () => {
    const days = [
      { day: 0, utilization: 0.98 },
      { day: 1, utilization: 0.9800001 },
      { day: 2, utilization: 1.2 },
    ];
    expect([...illiquidDays(lendingMarket("m", days))]).toEqual([0, 1, 1]);
  });

  it("when the market is frozen, whatever its utilization; an unknown utilization alone is not an event", () => {
    const days = [
      { day: 0, utilization: Number.NaN, frozen: 1 as const },
      { day: 1, utilization: Number.NaN },
    ];
    expect([...illiquidDays(lendingMarket("m", days))]).toEqual([1, 0]);
  });
});

describe("the outcome of a day", () => {
  it("is the event of the 14 days after it, the 14th included and the 15th not", () => {
    expect(outcomeOfDay0({})).toBe(0);
    expect(outcomeOfDay0({ 1: { utilization: 0.99 } })).toBe(1);
    expect(outcomeOfDay0({ 14: { frozen: 1 } })).toBe(1);
    expect(outcomeOfDay0({ 15: { frozen: 1 } }, 15)).toBe(0);
  });

  it("does not count the day itself: frozen today only is not an event", () => {
    expect(outcomeOfDay0({ 0: { frozen: 1, utilization: 1 } })).toBe(0);
  });

  it("is unknown with fewer than 10 observed days and no event, and 1 as soon as one event was observed", () => {
    const gaps = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_unused, day) => [day + 1, null]));
    expect(outcomeOfDay0(gaps(4))).toBe(0);
    expect(outcomeOfDay0(gaps(5))).toBeNaN();
    expect(outcomeOfDay0({ ...gaps(13), 14: { frozen: 1 } })).toBe(1);
  });

  it("is unknown until its window has ended, also when the event is already there", () => {
    expect(outcomeOfDay0({ 1: { frozen: 1 } }, 13)).toBeNaN();
    expect(outcomeOfDay0({ 1: { frozen: 1 } }, 14)).toBe(1);
  });
});
