import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { riskNoiseTolerance, roundShares } from "./rounding.ts";

describe("roundShares", () => {
  it("gives the missing points to the largest fractions", () => {
    expect(roundShares([4999.2, 3000.5, 2000.3], [10, 10, 10], 50)).toEqual([4999, 3001, 2000]);
  });

  it("gives them to the least risky instead where the largest would break the risk limit", () => {
    // The fractional shares have a risk of 55.9976, the limit; the larger fraction belongs to the riskier share.
    expect(roundShares([4000.4, 5999.6], [20, 80], 55.9976)).toEqual([4001, 5999]);
  });

  it("takes solver noise around a whole number for that number", () => {
    expect(roundShares([4999.9999999, 5000.0000001], [1, 2], 100)).toEqual([5000, 5000]);
  });

  it("sums to 10000, moves no share by a whole point and never raises the risk above its limit", () => {
    const pieces = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 100 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, (drawn) => {
        const total = drawn.reduce((sum, [weight]) => sum + weight, 0);
        const shares = drawn.map(([weight]) => (weight / total) * 10_000);
        const risks = drawn.map(([, risk]) => risk);
        const risk = shares.reduce((sum, share, index) => sum + share * (risks[index] ?? 0), 0) / 10_000;
        const rounded = roundShares(shares, risks, risk);
        expect(rounded.reduce((sum, share) => sum + share, 0)).toBe(10_000);
        rounded.forEach((share, index) => {
          expect(Math.abs(share - (shares[index] ?? 0))).toBeLessThan(1);
        });
        const after = rounded.reduce((sum, share, index) => sum + share * (risks[index] ?? 0), 0) / 10_000;
        expect(after).toBeLessThanOrEqual(risk + 2 * riskNoiseTolerance);
      }),
    );
  });
});
