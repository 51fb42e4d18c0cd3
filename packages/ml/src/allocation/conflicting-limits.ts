import type { LimitName } from "./allocation-types.ts";
import { wholeBp } from "./limits.ts";
import { leastRisk } from "./solver/least-risk.ts";
import type { AllocationProblem } from "./solver/solve-allocation.ts";

/**
 * The smallest set of limits that cannot hold together: loosening any one of them resolves it, and no conflict has
 * fewer members.
 *
 * A deletion filter (Chinneck, Feasibility and Infeasibility in Optimization, 2008, ch. 6) finds a set of which none can
 * be spared: limits are taken away one at a time; one whose absence leaves the rest infeasible stays away, the others
 * come back. Then every smaller set is tried, at most 63. The order of {@link relaxations} decides between
 * several: limits that a user is least likely to have chosen go first.
 *
 * @param unpreferred - active assets that only the user's preference keeps out of `problem`
 */
export function conflictingLimits(
  problem: AllocationProblem,
  unpreferred: AllocationProblem["assets"],
): LimitName[] {
  const whole: NarrowedProblem = {
    ...problem,
    assets: problem.assets.map(withoutReward),
    unpreferred: unpreferred.map(withoutReward),
    moveCost: 0,
  };
  const irreducible = deletionFilter(whole);
  for (let size = 1; size < irreducible.length; size += 1) {
    const smaller = subsetsOf(limitNames, size).find((kept) => conflicts(whole, kept));
    if (smaller !== undefined) return smaller.toSorted();
  }
  return irreducible.toSorted();
}

function deletionFilter(whole: NarrowedProblem): LimitName[] {
  const conflict: LimitName[] = [];
  let remaining = whole;
  for (const [limit, relax] of relaxations) {
    const relaxed = relax(remaining);
    if (leastRisk(relaxed) === undefined) remaining = relaxed;
    else conflict.push(limit);
  }
  return conflict;
}

/** Whether these limits alone cannot hold together. */
function conflicts(whole: NarrowedProblem, kept: readonly LimitName[]): boolean {
  const relaxed = relaxations
    .filter(([limit]) => !kept.includes(limit))
    .reduce((problem, [, relax]) => relax(problem), whole);
  return leastRisk(relaxed) === undefined;
}

/** All subsets of a size, in the order of their members. */
function subsetsOf(limits: readonly LimitName[], size: number): LimitName[][] {
  if (size === 0) return [[]];
  return limits.flatMap((first, index) =>
    subsetsOf(limits.slice(index + 1), size - 1).map((rest) => [first, ...rest]),
  );
}

interface NarrowedProblem extends AllocationProblem {
  readonly unpreferred: AllocationProblem["assets"];
}

const relaxations: readonly (readonly [LimitName, (problem: NarrowedProblem) => NarrowedProblem])[] = [
  ["min_share", (problem) => ({ ...problem, minShareBp: 0 })],
  ["max_portfolio_risk", (problem) => ({ ...problem, maxRisk: 100 })],
  ["min_diversification", (problem) => ({ ...problem, minDiversification: 0 })],
  ["max_single", (problem) => ({ ...problem, maxSingleBp: wholeBp })],
  ["preferred_protocols", withUnpreferred],
  ["active_candidates", withUnlimitedCandidates],
];

const limitNames = relaxations.map(([limit]) => limit);

function withoutReward(asset: AllocationProblem["assets"][number]): AllocationProblem["assets"][number] {
  return { ...asset, reward: 0 };
}

function withUnpreferred(problem: NarrowedProblem): NarrowedProblem {
  return { ...problem, assets: [...problem.assets, ...problem.unpreferred], unpreferred: [] };
}

/**
 * As if riskless protocols could be added at will: what remains infeasible is not the candidates' fault. Of no use
 * while the user's preference keeps active ones out already.
 */
function withUnlimitedCandidates(problem: NarrowedProblem): NarrowedProblem {
  if (problem.unpreferred.length > 0) return problem;
  const needed = Math.max(problem.minDiversification, Math.ceil(wholeBp / problem.maxSingleBp));
  const extra = Array.from({ length: needed }, () => ({ reward: 0, risk: 0, currentBp: 0 }));
  return { ...problem, assets: [...problem.assets, ...extra] };
}
