import type { AllocationAdvice, AllocationRequest, LimitName } from "./allocation-types.ts";
import type { AllocationLimits } from "./limits.ts";

/** Basis points as a percentage with one decimal: 4520 → "45.2 %". */
export function share(basisPoints: number): string {
  return `${(basisPoints / 100).toFixed(1)} %`;
}

/** A figure with one decimal; whole numbers without. */
export function points(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** The largest shares first, at most five by name: "ekubo 50.0 %, nostra 40.0 % and 3 more". */
function mix(allocation: Readonly<Record<string, number>>): string {
  const shares = Object.entries(allocation).toSorted(([, left], [, right]) => right - left);
  const named = shares.slice(0, 5).map(([protocol, held]) => `${protocol} ${share(held)}`);
  const rest = shares.length - named.length;
  return rest > 0 ? `${named.join(", ")} and ${rest} more` : named.join(", ");
}

/** The sentence that goes with advice: what to do, what it is expected to bring, and what forces or forbids it. */
export function adviceReason(advice: Omit<AllocationAdvice, "reason">, request: AllocationRequest): string {
  if (request.current === null) return entryReason(advice, request);
  if (advice.outcome === "hold") return holdReason(advice, request);
  const forced = advice.forced_moves.map(({ sentence }) => sentence);
  const chance = `an estimated ${percentChance(advice.confidence)} chance of earning more than the present mix`;
  return [
    ...forced,
    `Move ${share(advice.turnover_bp)} of the portfolio to reach ${mix(advice.target_bp)}.`,
    `The expected yield goes from ${apy(advice.expected_apy_before)} to ${apy(advice.expected_apy_after)} a year, ` +
      `${signed(advice.expected_improvement)} after costs, with ${chance}; ${riskChange(advice)}.`,
  ].join(" ");
}

/** The sentence for limits that cannot hold together. */
export function infeasibleReason(
  conflict: readonly LimitName[],
  limits: AllocationLimits,
  { activeCount, mustExit }: { activeCount: number; mustExit: readonly string[] },
): string {
  const named = conflict.map((limit) => describeLimit(limit, limits, activeCount));
  const clash =
    named.length === 1
      ? `No allocation is possible: ${named[0]}.`
      : `No allocation satisfies these together: ${named.join("; ")}. Loosening any one of them resolves this conflict.`;
  if (mustExit.length === 0) return clash;
  return `${clash} Money in ${mustExit.join(", ")} must leave all the same.`;
}

function entryReason(advice: Omit<AllocationAdvice, "reason">, { costs }: AllocationRequest): string {
  const doubt = advice.expected_improvement <= 0 ? " At that cost, entering is not expected to pay." : "";
  return (
    `Nothing is invested yet. Invest ${mix(advice.target_bp)}: an expected yield of ${apy(advice.expected_apy_after)} ` +
    `a year at a portfolio risk of ${points(advice.portfolio_risk_after)}. Entry costs take ` +
    `${advice.annual_cost.toFixed(2)} percentage points of that yield over a holding period of ` +
    `${points(costs.holding_period_days)} days.${doubt}`
  );
}

function holdReason(advice: Omit<AllocationAdvice, "reason">, request: AllocationRequest): string {
  if (advice.largest_change_bp === 0)
    return "Hold. With moving costs counted, the present mix is already the best under the limits.";
  const pays = advice.expected_improvement > 0;
  if (pays) {
    return (
      `Hold. The best mix (${mix(advice.target_bp)}) changes no share by more than ${share(advice.largest_change_bp)}, ` +
      `below the threshold of ${share(request.rebalance_threshold_bp)}; it would bring ${signed(advice.expected_improvement)}.`
    );
  }
  return (
    `Hold. Moving to ${mix(advice.target_bp)} does not pay: the expected yield goes from ` +
    `${apy(advice.expected_apy_before)} to ${apy(advice.expected_apy_after)} a year, ` +
    `${signed(advice.expected_improvement)} after costs; ${riskChange(advice)}.`
  );
}

function riskChange({
  portfolio_risk_before,
  portfolio_risk_after,
}: Omit<AllocationAdvice, "reason">): string {
  return `portfolio risk goes from ${portfolio_risk_before.toFixed(1)} to ${portfolio_risk_after.toFixed(1)}`;
}

function describeLimit(limit: LimitName, limits: AllocationLimits, activeCount: number): string {
  switch (limit) {
    case "active_candidates":
      return activeCount === 1
        ? "one active protocol to choose from"
        : `${activeCount} active protocols to choose from`;
    case "max_portfolio_risk":
      return `a portfolio risk of at most ${points(limits.max_portfolio_risk)}`;
    case "max_single":
      return `at most ${share(limits.max_single_bp)} in one protocol`;
    case "min_diversification":
      return `at least ${limits.min_diversification} shares of 10 % or more`;
    case "preferred_protocols":
      return activeCount === 1
        ? "one active protocol among the preferred ones"
        : `${activeCount} active protocols among the preferred ones`;
    case "min_share":
      return "no share below 1 %";
  }
}

/** Never "100 %": the figure rests on a normal approximation that says nothing about the far tails. */
function percentChance(probability: number): string {
  if (probability > 0.99) return "more than 99 %";
  if (probability < 0.01) return "less than 1 %";
  return `${Math.round(probability * 100)} %`;
}

function apy(percent: number): string {
  return `${percent.toFixed(1)} %`;
}

function signed(improvement: number): string {
  return `${improvement >= 0 ? "+" : "−"}${Math.abs(improvement).toFixed(2)} percentage points`;
}
