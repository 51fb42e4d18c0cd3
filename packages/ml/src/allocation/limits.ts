import { AllocationError } from "./allocation-error.ts";

/** How much risk a user accepts. */
export type RiskTolerance = "low" | "medium" | "high";

/** What an allocation must respect, and how yield is weighed against risk and doubt. */
export interface AllocationLimits {
  /** Largest share of one protocol, basis points. Hard. */
  readonly max_single_bp: number;
  /** How many shares must reach {@link diversifyingShareBp}. Hard. */
  readonly min_diversification: number;
  /** Largest share-weighted risk score of the portfolio, 0–100. Hard. */
  readonly max_portfolio_risk: number;
  /** Percentage points of APY that one point of risk score must earn to be worth taking. */
  readonly risk_aversion: number;
  /**
   * Standard deviation of a forecast, in percentage points of APY, at which it is believed half-way between its
   * lower bound and itself. Smaller means warier of uncertain forecasts.
   */
  readonly uncertainty_scale: number;
}

/** A share from this size on counts towards diversification: the constant of RiskEngine's `verify_constraints`. */
export const diversifyingShareBp = 1_000;

/** The smallest share the optimiser gives; below it a share is zero. Dust costs more to manage than it earns. */
export const shareBpMin = 100;

/** All shares together, basis points. */
export const wholeBp = 10_000;

/**
 * The limits that stand behind a risk tolerance.
 *
 * | tolerance | max share | shares ≥ 10 % | max risk | APY per risk point | believed half-way at |
 * |-----------|-----------|---------------|----------|--------------------|----------------------|
 * | low       | 40 %      | 3             | 40       | 0.10 pp            | σ = 1 pp             |
 * | medium    | 50 %      | 3             | 60       | 0.05 pp            | σ = 3 pp             |
 * | high      | 70 %      | 2             | 80       | 0.02 pp            | σ = 8 pp             |
 *
 * These are policy, not measurement: at medium, 20 points of risk must be paid with one percentage point of
 * APY. Every column tightens as tolerance falls. Narrow or widen by spreading:
 * `{ ...limitsForTolerance("medium"), max_single_bp: 3_500 }`.
 *
 * @throws AllocationError `invalid_request` for any other word.
 */
export function limitsForTolerance(tolerance: RiskTolerance): AllocationLimits {
  const limits = new Map<string, AllocationLimits>(Object.entries(limitsByTolerance)).get(tolerance);
  if (limits === undefined) {
    throw new AllocationError("invalid_request", "Risk tolerance must be low, medium or high.", {
      field: "tolerance",
    });
  }
  return limits;
}

const limitsByTolerance: Readonly<Record<RiskTolerance, AllocationLimits>> = {
  low: Object.freeze({
    max_single_bp: 4_000,
    min_diversification: 3,
    max_portfolio_risk: 40,
    risk_aversion: 0.1,
    uncertainty_scale: 1,
  }),
  medium: Object.freeze({
    max_single_bp: 5_000,
    min_diversification: 3,
    max_portfolio_risk: 60,
    risk_aversion: 0.05,
    uncertainty_scale: 3,
  }),
  high: Object.freeze({
    max_single_bp: 7_000,
    min_diversification: 2,
    max_portfolio_risk: 80,
    risk_aversion: 0.02,
    uncertainty_scale: 8,
  }),
};
