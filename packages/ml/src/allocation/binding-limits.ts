import type { Highs } from "highs";
import type { BindingLimit } from "./allocation-types.ts";
import { diversifyingShareBp, wholeBp } from "./limits.ts";
import { points, share } from "./reasons.ts";
import type { AllocationProblem, AllocationSolution } from "./solver/solve-allocation.ts";
import { objectiveOfSolution, solveAllocation } from "./solver/solve-allocation.ts";

/** Gains below this, percentage points of APY, are the solver's rounding and no limit at all. */
const negligibleValue = 1e-7;

/**
 * The limits that hold the optimum back, dearest first, with their shadow prices: dual values of the linear
 * programme for the cap, the smallest share and the risk limit; for the number of shares the exact gain of asking
 * for one fewer, found by solving again, because a count has no derivative.
 */
export function bindingLimits(
  highs: Highs,
  problem: AllocationProblem & { readonly protocols: readonly string[] },
  solution: AllocationSolution,
): BindingLimit[] {
  const { protocols } = problem;
  const perPercent = 100 / wholeBp;
  const limits: BindingLimit[] = [];
  protocols.forEach((protocol, index) => {
    const cap = (solution.maxSinglePrices[index] ?? 0) * perPercent;
    limits.push({
      limit: "max_single",
      protocol,
      shadow_price: cap,
      sentence: `${protocol} is at the largest share allowed (${share(problem.maxSingleBp)}); one percentage point more would add ${gain(cap)}.`,
    });
    const floor = (solution.minSharePrices[index] ?? 0) * perPercent;
    limits.push({
      limit: "min_share",
      protocol,
      shadow_price: floor,
      sentence: `${protocol} is at the smallest share given (${share(problem.minShareBp)}); one percentage point less would add ${gain(floor)}.`,
    });
  });
  limits.push({
    limit: "max_portfolio_risk",
    shadow_price: solution.riskPrice,
    sentence: `The portfolio risk is at its limit (${points(problem.maxRisk)}); one point more would add ${gain(solution.riskPrice)}.`,
  });
  const fewer = diversificationPrice(highs, problem, solution);
  limits.push({
    limit: "min_diversification",
    shadow_price: fewer,
    sentence: `At least ${problem.minDiversification} shares must reach 10 %; asking for one fewer would add ${gain(fewer)}.`,
  });
  return limits
    .filter(({ shadow_price }) => shadow_price > negligibleValue)
    .toSorted((left, right) => right.shadow_price - left.shadow_price);
}

function diversificationPrice(
  highs: Highs,
  problem: AllocationProblem,
  solution: AllocationSolution,
): number {
  const large = solution.shares.filter((held) => held >= diversifyingShareBp - 1e-6).length;
  if (problem.minDiversification === 0 || large > problem.minDiversification) return 0;
  const looser = solveAllocation(highs, { ...problem, minDiversification: problem.minDiversification - 1 });
  if (looser === undefined) return 0;
  return objectiveOfSolution(problem, looser) - objectiveOfSolution(problem, solution);
}

function gain(price: number): string {
  return `${price < 0.0095 ? price.toPrecision(1) : price.toFixed(2)} percentage points of risk-adjusted APY`;
}
