import { describe, expect, it } from "vitest";
import { AdviceError } from "./advice-error.ts";
import { limitsForTolerance } from "./tolerances.ts";

describe("limitsForTolerance", () => {
  it("never allows a lower tolerance more than a higher one", () => {
    const [low, medium, high] = (["low", "medium", "high"] as const).map(limitsForTolerance);
    for (const [stricter, looser] of [
      [low, medium],
      [medium, high],
    ]) {
      expect(stricter?.max_portfolio_risk).toBeLessThan(looser?.max_portfolio_risk ?? 0);
      expect(stricter?.risk_aversion).toBeGreaterThan(looser?.risk_aversion ?? 99);
    }
  });

  it("hands out limits that nobody can change for others", () => {
    expect(Object.isFrozen(limitsForTolerance("medium"))).toBe(true);
  });

  it("rejects any other word, names of object members included", () => {
    expect(() => limitsForTolerance("constructor" as "low")).toThrow(AdviceError);
  });
});
