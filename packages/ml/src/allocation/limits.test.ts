import { describe, expect, it } from "vitest";
import { AllocationError } from "./allocation-error.ts";
import { limitsForTolerance } from "./limits.ts";

describe("limitsForTolerance", () => {
  it("never allows a lower tolerance more than a higher one", () => {
    const [low, medium, high] = (["low", "medium", "high"] as const).map(limitsForTolerance);
    for (const [stricter, looser] of [
      [low, medium],
      [medium, high],
    ]) {
      expect(stricter?.max_portfolio_risk).toBeLessThan(looser?.max_portfolio_risk ?? 0);
      expect(stricter?.max_single_bp).toBeLessThan(looser?.max_single_bp ?? 0);
      expect(stricter?.min_diversification).toBeGreaterThanOrEqual(looser?.min_diversification ?? 99);
      expect(stricter?.risk_aversion).toBeGreaterThan(looser?.risk_aversion ?? 99);
      expect(stricter?.uncertainty_scale).toBeLessThan(looser?.uncertainty_scale ?? 0);
    }
  });

  it("hands out limits that nobody can change for others", () => {
    expect(Object.isFrozen(limitsForTolerance("medium"))).toBe(true);
  });

  it("rejects any other word, names of object members included", () => {
    expect(() => limitsForTolerance("constructor" as "low")).toThrow(AllocationError);
  });
});
