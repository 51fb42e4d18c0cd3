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
 *
 * @param unpreferred - active assets that only the user's preference keeps out of `problem`
 */
export function conflictingLimits(
  highs: Highs,
  problem: AllocationProblem,
  unpreferred: AllocationProblem["assets"],
): LimitName[] {
  const conflict: LimitName[] = [];
  let remaining: NarrowedProblem = {
    ...problem,
    assets: problem.assets.map(withoutReward),
    unpreferred: unpreferred.map(withoutReward),
    moveCost: 0,
  };
  for (const [limit, relax] of RELAXATIONS) {
    const relaxed = relax(remaining);
    if (solveAllocation(highs, relaxed) === undefined) remaining = relaxed;
    else conflict.push(limit);
  }
  return conflict.toSorted();
}

interface NarrowedProblem extends AllocationProblem {
  readonly unpreferred: AllocationProblem["assets"];
}

const RELAXATIONS: readonly (readonly [LimitName, (problem: NarrowedProblem) => NarrowedProblem])[] = [
  ["min_share", (problem) => ({ ...problem, minShareBp: 0 })],
  ["max_portfolio_risk", (problem) => ({ ...problem, maxRisk: 100 })],
  ["min_diversification", (problem) => ({ ...problem, minDiversification: 0 })],
  ["max_single", (problem) => ({ ...problem, maxSingleBp: WHOLE_BP })],
  ["preferred_protocols", withUnpreferred],
  ["active_candidates", withUnlimitedCandidates],
];

function withoutReward(asset: AllocationProblem["assets"][number]): AllocationProblem["assets"][number] {
  return { ...asset, reward: 0 };
}

function withUnpreferred(problem: NarrowedProblem): NarrowedProblem {
  return { ...problem, assets: [...problem.assets, ...problem.unpreferred], unpreferred: [] };
}

/**
 * As if riskless protocols could be added at will: what remains infeasible is no fault of the candidates. Of no use
 * while the user's preference keeps active ones out already.
 */
function withUnlimitedCandidates(problem: NarrowedProblem): NarrowedProblem {
  if (problem.unpreferred.length > 0) return problem;
  const needed = Math.max(problem.minDiversification, Math.ceil(WHOLE_BP / problem.maxSingleBp));
  const extra = Array.from({ length: needed }, () => ({ reward: 0, risk: 0, currentBp: 0 }));
  return { ...problem, assets: [...problem.assets, ...extra] };
}
