import type { Highs } from "highs";
import type { LimitName } from "./allocation-types.ts";
import { WHOLE_BP } from "./limits.ts";
import type { AllocationProblem } from "./milp.ts";
import { solveAllocation } from "./milp.ts";

/**
 * A smallest set of limits that cannot hold together: each of them is needed for the conflict, and loosening any
 * one of them resolves it.
 *
 * Deletion filter (Chinneck, Feasibility and Infeasibility in Optimization, 2008, ch. 6): limits are taken away
 * one at a time; one whose absence leaves the rest infeasible stays away, the others come back. Smallest means
 * that no member can be spared, not that no other conflict has fewer members. The order of {@link RELAXATIONS} decides
 * between several: limits that a user is least likely to have chosen go first.
 */
export function conflictingLimits(highs: Highs, problem: AllocationProblem): LimitName[] {
  const neutral = {
    ...problem,
    assets: problem.assets.map((asset) => ({ ...asset, reward: 0 })),
    moveCost: 0,
  };
  const conflict: LimitName[] = [];
  let remaining: AllocationProblem = neutral;
  for (const [limit, relax] of RELAXATIONS) {
    const relaxed = relax(remaining);
    if (solveAllocation(highs, relaxed) === undefined) remaining = relaxed;
    else conflict.push(limit);
  }
  return conflict.toSorted();
}

const RELAXATIONS: readonly (readonly [LimitName, (problem: AllocationProblem) => AllocationProblem])[] = [
  ["min_share", (problem) => ({ ...problem, minShareBp: 0 })],
  ["max_portfolio_risk", (problem) => ({ ...problem, maxRisk: 100 })],
  ["min_diversification", (problem) => ({ ...problem, minDiversification: 0 })],
  ["max_single", (problem) => ({ ...problem, maxSingleBp: WHOLE_BP })],
  ["active_candidates", withUnlimitedCandidates],
];

/** As if riskless protocols could be added at will: what remains infeasible is no fault of the candidates. */
function withUnlimitedCandidates(problem: AllocationProblem): AllocationProblem {
  const needed = Math.max(problem.minDiversification, Math.ceil(WHOLE_BP / problem.maxSingleBp));
  const extra = Array.from({ length: needed }, () => ({ reward: 0, risk: 0, currentBp: 0 }));
  return { ...problem, assets: [...problem.assets, ...extra] };
}
