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

/** An optimum counts as proven when no other can be cheaper by more than this. */
const absoluteGap = 1e-5;

/** After so many programmes the best solution so far is taken, with its gap. */
const programmesMax = 400;

interface Node {
  readonly bounds: ColumnBounds;
  readonly solution: LinearSolution;
  readonly branches: readonly ColumnBounds[];
}

/**
 * The cheapest permitted solution of a programme with limits that are not linear: branch and bound (Land and Doig, An
 * Automatic Method of Solving Discrete Programming Problems, 1960), the cheapest branch first. Each branch costs
 * at least what its linear programme does, so branches dearer than a permitted solution are dropped.
 *
 * HiGHS has its own mixed-integer solver. On programmes of some ten assets nearly all of its time goes into cuts and
 * heuristics made for thousands of columns, where a few small linear programmes settle the question; `pnpm bench
 * allocation` measures both.
 *
 * @returns undefined when nothing is permitted.
 */
export function branchAndBound(
  solveBetween: SolveBetween,
  root: ColumnBounds,
  branch: Branch,
): BranchAndBoundResult | undefined {
  let best: LinearSolution | undefined;
  let open: Node[] = [];
  let solved = 0;
  const visit = (bounds: ColumnBounds) => {
    const solution = solveBetween(bounds);
    solved += 1;
    if (solution === undefined || (best !== undefined && solution.cost >= best.cost - absoluteGap)) return;
    const branches = branch(solution, bounds);
    if (branches === undefined) best = solution;
    else open.push({ bounds, solution, branches });
  };
  visit(root);
  while (open.length > 0) {
    const cheapest = open.reduce((left, right) => (right.solution.cost < left.solution.cost ? right : left));
    if (best !== undefined && cheapest.solution.cost >= best.cost - absoluteGap) break;
    if (best !== undefined && solved >= programmesMax) {
      return { solution: best, gap: best.cost - cheapest.solution.cost };
    }
    // Without anything to compare with, the newest branch is followed until it ends.
    const next = best === undefined ? (open.at(-1) ?? cheapest) : cheapest;
    open = open.filter((node) => node !== next);
    for (const bounds of next.branches) visit(bounds);
  }
  return best === undefined ? undefined : { solution: best, gap: 0 };
}
