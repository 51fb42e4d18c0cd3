import type { Highs } from "highs";
import { diversifyingShareBp } from "../limits.ts";
import { type Branch, branchAndBound } from "./branch-and-bound.ts";
import { boundsOf, type ColumnBounds, type LinearProgram, withProgram } from "./highs-solver.ts";
import { shareProgram } from "./share-program.ts";
import type { AllocationProblem } from "./solve-allocation.ts";

/** Bounds per asset, in basis points; whatever shares lie between them keep the limits that are not linear. */
export interface Pattern extends ColumnBounds {
  /** How much better another pattern could still be, percentage points of APY · basis points; 0 when proven. */
  readonly gap: number;
}

/** Basis points, or parts of one, that are the solver's rounding. */
const shareToleranceBp = 1e-5;

/**
 * Which assets an optimum holds, and which of its shares make up the diversification: the yes and no of the
 * mixed-integer programme, settled by branch and bound.
 *
 * The diversification takes one more column per asset, so it is asked for only once an optimum without it breaks it. A
 * programme with fewer limits bounds the one with all of them; the first optimum that breaks none is optimal for all.
 *
 * @returns undefined when no shares satisfy the limits.
 */
export function findPattern(highs: Highs, problem: AllocationProblem): Pattern | undefined {
  const free = search(highs, problem, false);
  const isDiverse = free === undefined || countLarge(free.shares) >= problem.minDiversification;
  const found = isDiverse ? free : search(highs, problem, true);
  return found && patternOf(problem, found);
}

interface Found {
  readonly shares: readonly number[];
  readonly gap: number;
}

function search(highs: Highs, problem: AllocationProblem, isDiverse: boolean): Found | undefined {
  const { assets } = problem;
  const program = isDiverse ? diverseProgram(problem) : plainProgram(problem);
  // The last columns of a diverse programme are those of the large shares, one per asset.
  const firstLarge = isDiverse ? program.columns.length - assets.length : undefined;
  const found = withProgram(highs, program, (solveBetween) =>
    branchAndBound(solveBetween, boundsOf(program), branchOf(problem, firstLarge)),
  );
  if (found === undefined) return undefined;
  return { shares: [...found.solution.values.subarray(0, assets.length)], gap: found.gap };
}

function plainProgram(problem: AllocationProblem): LinearProgram {
  return shareProgram(problem, {
    lower: problem.assets.map(() => 0),
    upper: problem.assets.map(() => problem.maxSingleBp),
  });
}

/** With a column 0 ≤ dᵢ ≤ 1 per asset, wᵢ ≥ 1000·dᵢ and Σ dᵢ ≥ minDiversification. */
function diverseProgram(problem: AllocationProblem): LinearProgram {
  const program = plainProgram(problem);
  const upper = Number.POSITIVE_INFINITY;
  const large = problem.assets.map((_, w) => {
    const d = program.columns.push({ cost: 0, lower: 0, upper: 1 }) - 1;
    const entries = [[w, 1] as const, [d, -diversifyingShareBp] as const];
    program.rows.push({ lower: 0, upper, entries });
    return [d, 1] as const;
  });
  program.rows.push({ lower: problem.minDiversification, upper, entries: large });
  return program;
}

/** First on the diversification, whose dᵢ must be 0 or 1; then on shares between zero and the smallest one. */
function branchOf(problem: AllocationProblem, firstLarge: number | undefined): Branch {
  const { minShareBp, minDiversification, assets } = problem;
  return ({ values }, bounds) => {
    const shares = [...values.subarray(0, assets.length)];
    if (firstLarge !== undefined && countLarge(shares) < minDiversification) {
      const partly = [...values.subarray(firstLarge)].map((value) =>
        value > shareToleranceBp && value < 1 - shareToleranceBp ? value : 0,
      );
      const column = firstLarge + largestIndex(partly);
      if (partly.some((value) => value > 0)) {
        return [narrowed(bounds, column, { upper: 0 }), narrowed(bounds, column, { lower: 1 })];
      }
    }
    const tooSmall = shares.map((share) =>
      share > shareToleranceBp && share < minShareBp - shareToleranceBp ? share : 0,
    );
    const column = largestIndex(tooSmall);
    if (tooSmall.every((share) => share === 0)) return undefined;
    return [narrowed(bounds, column, { upper: 0 }), narrowed(bounds, column, { lower: minShareBp })];
  };
}

function narrowed(
  { lower, upper }: ColumnBounds,
  column: number,
  bound: { lower?: number; upper?: number },
): ColumnBounds {
  return {
    lower: bound.lower === undefined ? lower : lower.with(column, bound.lower),
    upper: bound.upper === undefined ? upper : upper.with(column, bound.upper),
  };
}

function patternOf(problem: AllocationProblem, { shares, gap }: Found): Pattern {
  const { minDiversification, minShareBp, maxSingleBp } = problem;
  // More large shares than asked for need not stay large.
  const large = new Set(
    [...shares.keys()]
      .toSorted((left, right) => (shares[right] ?? 0) - (shares[left] ?? 0))
      .slice(0, minDiversification),
  );
  const lower = shares.map((share, index) => {
    if (large.has(index)) return diversifyingShareBp;
    return share > shareToleranceBp ? minShareBp : 0;
  });
  const upper = shares.map((share) => (share > shareToleranceBp ? maxSingleBp : 0));
  return { lower, upper, gap };
}

function countLarge(shares: readonly number[]): number {
  return shares.filter((share) => share >= diversifyingShareBp - shareToleranceBp).length;
}

function largestIndex(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
