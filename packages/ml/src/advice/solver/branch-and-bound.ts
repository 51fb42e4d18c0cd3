import type { ColumnBounds, LinearSolution, SolveBetween } from "./highs-solver.ts";

/** A solution that breaks nothing, and how far from the optimum it may be. */
export interface BranchAndBoundResult {
  readonly solution: LinearSolution;
  /** How much lower the cost could still be; 0 when proven. */
  readonly gap: number;
}

/**
 * Narrower bounds, each of which excludes the solution, and which together leave out no permitted one; undefined when
 * the solution is permitted as it is. The last is the one in which permitted solutions are likeliest to be found.
 */
export type Branch = (solution: LinearSolution, bounds: ColumnBounds) => readonly ColumnBounds[] | undefined;

/** What a search is made of. */
export interface BranchAndBoundOptions {
  readonly root: ColumnBounds;
  readonly branch: Branch;
  /**
   * Bounds near a solution between which each solution is permitted, if there is any. @default there are none known
   */
  readonly round?: (solution: LinearSolution) => ColumnBounds;
  /** Bounds between which a permitted solution is known to be. @default none is known */
  readonly start?: ColumnBounds;
  readonly budget: Budget;
  /** How much cheaper what is not looked at may be. @default 1e-5, which is rounding */
  readonly tolerance?: number;
}

/**
 * How many linear programmes may still be solved. Programmes are counted, not milliseconds, so that equal requests get equal
 * results on every machine.
 */
export interface Budget {
  programmes: number;
}

/** An optimum counts as proven when no other can be cheaper by more than this, unless more is permitted. */
const absoluteGap = 1e-5;

/** So often, in branchings, a permitted solution is looked for beside the programme's own. */
const roundEvery = 8;

interface Node {
  readonly bounds: ColumnBounds;
  readonly solution: LinearSolution;
  readonly branches: readonly ColumnBounds[];
}

/**
 * The cheapest permitted solution of a programme with limits that are not linear: branch and bound (Land and Doig, An
 * Automatic Method of Solving Discrete Programming Problems, 1960), the cheapest branch first. Each branch costs
 * at least what its linear programme does, so branches dearer than a permitted solution are dropped. When the budget is used
 * up, the best solution so far is taken, with its gap.
 *
 * HiGHS has its own mixed-integer solver. On programmes of some ten assets nearly all of its time goes into cuts and
 * heuristics made for thousands of columns, where a few small linear programmes settle the question.
 *
 * @returns undefined when nothing is permitted, or when the budget did not suffice to find anything that is: never, with a
 * `start`.
 */
export function branchAndBound(
  solveBetween: SolveBetween,
  { root, branch, round, start, budget, tolerance = absoluteGap }: BranchAndBoundOptions,
): BranchAndBoundResult | undefined {
  let best: LinearSolution | undefined;
  let open: Node[] = [];
  // The cheapest of what was dropped although it might have been a little cheaper than the best.
  let dropped = Number.POSITIVE_INFINITY;
  const isWorse = (cost: number) => {
    if (best === undefined || cost < best.cost - tolerance) return false;
    dropped = Math.min(dropped, cost);
    return true;
  };
  const solve = (bounds: ColumnBounds) => {
    budget.programmes -= 1;
    return solveBetween(bounds);
  };
  const visit = (bounds: ColumnBounds) => {
    const solution = solve(bounds);
    if (solution === undefined || isWorse(solution.cost)) return;
    const branches = branch(solution, bounds);
    if (branches === undefined) best = solution;
    else open.push({ bounds, solution, branches });
  };
  const tryNear = (bounds: ColumnBounds) => {
    const solution = solve(bounds);
    if (solution !== undefined && !isWorse(solution.cost)) best = solution;
  };
  visit(root);
  if (open.length > 0 && start !== undefined) tryNear(start);
  for (let branched = 0; open.length > 0; branched += 1) {
    const cheapest = open.reduce((left, right) => (right.solution.cost < left.solution.cost ? right : left));
    if (isWorse(cheapest.solution.cost)) break;
    if (budget.programmes <= 0) {
      return best && { solution: best, gap: best.cost - Math.min(dropped, cheapest.solution.cost) };
    }
    if (round !== undefined && branched % roundEvery === 0) tryNear(round(cheapest.solution));
    // Without anything to compare with, the newest branch is followed until it ends.
    const next = best === undefined ? (open.at(-1) ?? cheapest) : cheapest;
    open = open.filter((node) => node !== next);
    for (const bounds of next.branches) visit(bounds);
  }
  if (best === undefined) return undefined;
  const gap = best.cost - dropped;
  return { solution: best, gap: gap > absoluteGap ? gap : 0 };
}
