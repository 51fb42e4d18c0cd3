import { AdviceError } from "./advice-error.ts";

/** How much risk a user accepts. */
export type RiskTolerance = "low" | "medium" | "high";

/** What a mix must respect, and how yield is weighed against risk. */
export interface ToleranceLimits {
  /** Largest share-weighted risk score of the portfolio, 0–100. Hard. */
  readonly max_portfolio_risk: number;
  /** Percentage points of APY that one point of risk score must earn to be worth taking. */
  readonly risk_aversion: number;
}

/** All shares together, basis points. */
export const wholeBp = 10_000;

/**
 * The limits that stand behind a risk tolerance.
 *
 * | tolerance | max risk | APY per risk point |
 * |-----------|----------|--------------------|
 * | low       | 40       | 0.10 pp            |
 * | medium    | 60       | 0.05 pp            |
 * | high      | 80       | 0.02 pp            |
 *
 * These are policy, not measurement: at medium, 20 points of risk must be paid with one percentage point of
 * APY. Both columns tighten as tolerance falls.
 *
 * @throws AdviceError `invalid_request` for any other word.
 */
export function limitsForTolerance(tolerance: RiskTolerance): ToleranceLimits {
  const limits = new Map<string, ToleranceLimits>(Object.entries(limitsByTolerance)).get(tolerance);
  if (limits === undefined) {
    throw new AdviceError("invalid_request", "Risk tolerance must be low, medium or high.", {
      field: "tolerance",
    });
  }
  return limits;
}

const limitsByTolerance: Readonly<Record<RiskTolerance, ToleranceLimits>> = {
  low: Object.freeze({ max_portfolio_risk: 40, risk_aversion: 0.1 }),
  medium: Object.freeze({ max_portfolio_risk: 60, risk_aversion: 0.05 }),
  high: Object.freeze({ max_portfolio_risk: 80, risk_aversion: 0.02 }),
};
