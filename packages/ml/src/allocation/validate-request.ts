import { AllocationError } from "./allocation-error.ts";
import type { AllocationCandidate, AllocationRequest } from "./allocation-types.ts";
import type { AllocationLimits } from "./limits.ts";
import { shareBpMin, wholeBp } from "./limits.ts";

/** The most candidates one request may have. */
export const candidatesMax = 500;

/** Largest absolute APY accepted, percent; beyond it a figure is a data error, not a yield. */
const absoluteApyMax = 1_000_000;

const protocolStatuses: ReadonlySet<string> = new Set(["active", "paused", "deprecated", "exploited"]);

/**
 * Rejects what the model cannot work with truthfully: missing, infinite or out-of-range numbers, intervals that do
 * not contain their forecast, repeated protocols, shares that do not sum to 10000.
 *
 * @throws AllocationError `invalid_request` with the path of the first offending value.
 */
export function validateRequest(request: AllocationRequest): void {
  const { candidates, limits, costs } = request;
  if (!Array.isArray(candidates) || candidates.length > candidatesMax) {
    reject("candidates", `must be a list of at most ${candidatesMax} protocols`);
  }
  const seen = new Set<string>();
  candidates.forEach((candidate, index) => {
    validateCandidate(candidate, `candidates[${index}]`);
    if (seen.has(candidate.protocol)) reject(`candidates[${index}].protocol`, "appears twice");
    seen.add(candidate.protocol);
  });
  if (request.preferred?.some((protocol) => typeof protocol !== "string")) {
    reject("preferred", "must be a list of protocols");
  }
  validateLimits(limits);
  within(costs.cost_bp, 0, wholeBp, "costs.cost_bp");
  within(costs.holding_period_days, 1, 3_650, "costs.holding_period_days");
  within(request.rebalance_threshold_bp, 0, wholeBp, "rebalance_threshold_bp");
  validateCurrent(request.current);
}

function validateCandidate(candidate: AllocationCandidate, path: string): void {
  const { protocol, status } = candidate;
  if (typeof protocol !== "string" || protocol.trim() === "" || protocol.length > 200) {
    reject(`${path}.protocol`, "must be a name of 1 to 200 characters");
  }
  if (!protocolStatuses.has(status))
    reject(`${path}.status`, `must be one of ${[...protocolStatuses].join(", ")}`);
  // The forecasts of a protocol that may hold no money are never read, so they may be anything.
  if (status !== "active") {
    if (candidate.risk_score !== null) within(candidate.risk_score, 0, 100, `${path}.risk_score`);
    return;
  }
  within(candidate.risk_score, 0, 100, `${path}.risk_score`);
  within(candidate.interval_level, 0.5, 0.999, `${path}.interval_level`);
  const apy = within(candidate.expected_apy, -absoluteApyMax, absoluteApyMax, `${path}.expected_apy`);
  within(candidate.expected_apy_lower, -absoluteApyMax, apy, `${path}.expected_apy_lower`);
  within(candidate.expected_apy_upper, apy, absoluteApyMax, `${path}.expected_apy_upper`);
}

function validateLimits(limits: AllocationLimits): void {
  integerWithin(limits.max_single_bp, shareBpMin, wholeBp, "limits.max_single_bp");
  integerWithin(limits.min_diversification, 0, candidatesMax, "limits.min_diversification");
  within(limits.max_portfolio_risk, 0, 100, "limits.max_portfolio_risk");
  within(limits.risk_aversion, 0, 1_000, "limits.risk_aversion");
  within(limits.uncertainty_scale, 1e-6, absoluteApyMax, "limits.uncertainty_scale");
}

function validateCurrent(current: AllocationRequest["current"]): void {
  if (current === null) return;
  let sum = 0;
  for (const [protocol, share] of Object.entries(current)) {
    sum += integerWithin(share, 0, wholeBp, `current.${protocol}`);
  }
  if (sum !== wholeBp) reject("current", `must sum to ${wholeBp} basis points, not ${sum}`);
}

function within(value: number | null, lowest: number, highest: number, field: string): number {
  if (typeof value !== "number" || !(value >= lowest && value <= highest)) {
    return reject(field, `must be a number from ${lowest} to ${highest}`);
  }
  return value;
}

function integerWithin(value: number, lowest: number, highest: number, field: string): number {
  if (!Number.isInteger(value)) reject(field, "must be a whole number");
  return within(value, lowest, highest, field);
}

function reject(field: string, problem: string): never {
  throw new AllocationError("invalid_request", `${field} ${problem}.`, { field });
}
