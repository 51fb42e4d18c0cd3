import type { BindingLimit } from "@obsqra/contract";
import type { AllocationAdvice, AllocationCosts, AllocationResult, BindingLimitName } from "@obsqra/ml";
import { AppError } from "@obsqra/platform";

/** What moving money costs, and how long it is taken to stay where it went. */
export const movingCosts: AllocationCosts = { cost_bp: 10, holding_period_days: 30 };

/**
 * The optimiser's advice.
 *
 * @throws AppError ALLOCATION_INFEASIBLE when there is none, with the limits that conflict
 */
export function adviceOf(result: AllocationResult): AllocationAdvice {
  if (result.outcome !== "infeasible") return result;
  const { conflicting_limits, reason } = result;
  throw new AppError("ALLOCATION_INFEASIBLE", { conflicting_limits: [...conflicting_limits], reason });
}

/** The binding limits as responses show them. */
export function toBindingLimits({ binding_limits }: AllocationAdvice): BindingLimit[] {
  return binding_limits.map(({ limit, protocol, shadow_price, sentence }) => ({
    limit,
    protocol: protocol ?? null,
    shadow_price,
    shadow_price_unit: units[limit],
    sentence,
  }));
}

const units: Readonly<Record<BindingLimitName, BindingLimit["shadow_price_unit"]>> = {
  max_single: "percentage_point_of_share",
  min_share: "percentage_point_of_share",
  max_portfolio_risk: "risk_point",
  min_diversification: "share_of_10_percent",
};
