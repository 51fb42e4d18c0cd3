import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidate } from "../test-support/allocation-fixtures.ts";
import { annualMoveCost, forecastDeviation, robustYield } from "./holdings.ts";
import { limitsForTolerance } from "./limits.ts";

const medium = limitsForTolerance("medium");

describe("robustYield", () => {
  it("is the forecast itself when the interval has no width", () => {
    const sure = candidate("a", 8, 30, { expected_apy_lower: 8, expected_apy_upper: 8 });
    expect(robustYield(sure, medium)).toBe(8);
  });

  it("is half-way to the lower bound when the deviation equals the scale", () => {
    const halfWidth = 3 * 1.6448536269514715;
    const wide = { expected_apy_lower: 20 - halfWidth, expected_apy_upper: 20 + halfWidth };
    expect(robustYield(candidate("a", 20, 30, wide), medium)).toBeCloseTo(20 - halfWidth / 2, 10);
  });

  it("is worth about the lower bound for 900 % with an interval from 0 to 1800 %, at any tolerance", () => {
    const wild = candidate("a", 900, 30, { expected_apy_lower: 0, expected_apy_upper: 1800 });
    expect(robustYield(wild, limitsForTolerance("high"))).toBeLessThan(0.25);
  });

  it("lies between lower bound and forecast, and rises with tolerance", () => {
    const interval = fc.tuple(
      fc.double({ min: -1000, max: 1000, noNaN: true }),
      fc.double({ min: 0, max: 1000, noNaN: true }),
      fc.double({ min: 0, max: 1000, noNaN: true }),
    );
    fc.assert(
      fc.property(interval, ([apy, below, above]) => {
        const drawn = candidate("a", apy, 30, {
          expected_apy_lower: apy - below,
          expected_apy_upper: apy + above,
        });
        const [low, middle, high] = (["low", "medium", "high"] as const).map((tolerance) =>
          robustYield(drawn, limitsForTolerance(tolerance)),
        ) as [number, number, number];
        expect(low).toBeGreaterThanOrEqual(apy - below - 1e-9);
        expect(middle).toBeGreaterThanOrEqual(low - 1e-9);
        expect(high).toBeGreaterThanOrEqual(middle - 1e-9);
        expect(apy + 1e-9).toBeGreaterThanOrEqual(high);
      }),
    );
  });
});

describe("forecastDeviation", () => {
  it("turns a 95 % interval of ± 1.96 into one", () => {
    const normal = {
      expected_apy_lower: 5 - 1.95996398,
      expected_apy_upper: 5 + 1.95996398,
      interval_level: 0.95,
    };
    expect(forecastDeviation(candidate("a", 5, 30, normal))).toBeCloseTo(1, 8);
  });
});

describe("annualMoveCost", () => {
  it("charges 30 basis points held for 73 days as 1.5 percentage points a year", () => {
    expect(annualMoveCost({ cost_bp: 30, holding_period_days: 73 })).toBeCloseTo(1.5, 12);
  });
});
