import type { AllocationCandidate, AllocationRequest } from "../allocation/allocation-types.ts";
import { limitsForTolerance } from "../allocation/limits.ts";

/** For tests: an active candidate with a symmetric 90 % interval of `expected_apy` ± 2. */
export function candidate(
  protocol: string,
  expectedApy: number,
  riskScore: number,
  overrides: Partial<AllocationCandidate> = {},
): AllocationCandidate {
  return {
    protocol,
    status: "active",
    expected_apy: expectedApy,
    expected_apy_lower: expectedApy - 2,
    expected_apy_upper: expectedApy + 2,
    interval_level: 0.9,
    risk_score: riskScore,
    ...overrides,
  };
}

/** For tests: the mission's worked example, all three protocols taken as active, at medium tolerance. */
export const workedExample: AllocationRequest = {
  candidates: [candidate("nostra", 8.5, 30), candidate("zklend", 7.2, 35), candidate("ekubo", 12.1, 48)],
  current: null,
  limits: limitsForTolerance("medium"),
  costs: { cost_bp: 30, holding_period_days: 30 },
  rebalance_threshold_bp: 500,
};
