import type { Highs } from "highs";
import { diversifyingShareBp } from "../limits.ts";
import { type Branch, type Budget, branchAndBound } from "./branch-and-bound.ts";
import { boundsOf, type ColumnBounds, type LinearProgram, withProgram } from "./highs-solver.ts";
import { type ShareProgram, shareProgram } from "./share-program.ts";
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
 * The diversification takes one more column per asset, so it is asked for only where the optimum without it, or already its
 * linear programme, breaks it. A programme with fewer limits bounds the one with all of them; the first optimum that
 * breaks none is optimal for all.
 *
 * @param known - shares that keep all limits, which what is found is at least as good as
 */
export function findPattern(highs: Highs, problem: AllocationProblem, known: KnownShares): Pattern {
  const free = search(highs, problem, { ...known, isDiverse: false });
  if (free?.gap === 0 && countLarge(free.shares) >= problem.minDiversification)
    return patternOf(problem, free);
  const found = search(highs, problem, { ...known, isDiverse: true });
  return patternOf(problem, found ?? { shares: known.shares, gap: Number.POSITIVE_INFINITY });
}

/** Shares that keep all limits, and how long better ones may be looked for. */
export interface KnownShares {
  readonly shares: readonly number[];
  readonly budget: Budget;
}

interface Found {
  readonly shares: readonly number[];
  readonly gap: number;
}

function search(
  highs: Highs,
  problem: AllocationProblem,
  options: KnownShares & { readonly isDiverse: boolean },
): Found | undefined {
  const { assets } = problem;
  const program = options.isDiverse ? diverseProgram(problem) : plainProgram(problem);
  // The last columns of a diverse programme are those of the large shares, one per asset.
  const firstLarge = options.isDiverse ? program.columns.length - assets.length : undefined;
  const root = boundsOf(program);
  const near = (shares: readonly number[]) => boundsNear(problem, root, { shares, firstLarge });
  const found = withProgram(highs, program, (solveBetween) => {
    const first = options.isDiverse ? undefined : solveBetween(root);
    if (
      first !== undefined &&
      countLarge([...first.values.subarray(0, assets.length)]) < problem.minDiversification
    )
      return undefined;
    return branchAndBound(solveBetween, {
      root,
      branch: branchOf(problem, firstLarge),
      round: ({ values }) => near([...values.subarray(0, assets.length)]),
      start: near(options.shares),
      budget: options.budget,
    });
  });
  if (found === undefined) return undefined;
  return { shares: [...found.solution.values.subarray(0, assets.length)], gap: found.gap };
}

/** The bounds of a whole programme with those of the pattern of shares near these. */
function boundsNear(
  problem: AllocationProblem,
  root: ColumnBounds,
  { shares, firstLarge }: { readonly shares: readonly number[]; readonly firstLarge: number | undefined },
): ColumnBounds {
  const wanted = firstLarge === undefined ? { ...problem, minDiversification: 0 } : problem;
  const pattern = patternOf(wanted, { shares, gap: 0 });
  const lower = root.lower.map((bound, column) => pattern.lower[column] ?? bound);
  const upper = root.upper.map((bound, column) => pattern.upper[column] ?? bound);
  for (const [index, bound] of pattern.lower.entries()) {
    if (firstLarge !== undefined && bound >= diversifyingShareBp) lower[firstLarge + index] = 1;
  }
  return { lower, upper };
}

/**
 * Besides the programme itself, what no permitted solution breaks and a mixture of several would: who keeps any of a holding
 * below the smallest share has to buy up to that. With w as small as the holding for nothing, the programme would keep
 * everything a little, and its bound would be worth nothing.
 */
function plainProgram(problem: AllocationProblem): ShareProgram {
  const { assets, minShareBp, maxSingleBp } = problem;
  const program = shareProgram(problem, { lower: assets.map(() => 0), upper: assets.map(() => maxSingleBp) });
  for (const [w, column] of program.bought) {
    const missing = 1 - (assets[w]?.currentBp ?? 0) / minShareBp;
    if (missing <= 0) continue;
    program.rows.push({
      lower: Number.NEGATIVE_INFINITY,
      upper: 0,
      entries: [
        [w, missing],
        [column, -1],
      ],
    });
  }
  return program;
}

/**
 * With a column 0 ≤ dᵢ ≤ 1 per asset, wᵢ ≥ 1000·dᵢ and Σ dᵢ ≥ minDiversification. A holding below 10 % has to be bought up
 * to that for dᵢ to be 1, and in proportion for less: the convex hull of both cases.
 */
function diverseProgram(problem: AllocationProblem): LinearProgram {
  const program = plainProgram(problem);
  const upper = Number.POSITIVE_INFINITY;
  const large = problem.assets.map(({ currentBp }, w) => {
    const d = program.columns.push({ cost: 0, lower: 0, upper: 1 }) - 1;
    program.rows.push({
      lower: 0,
      upper,
      entries: [
        [w, 1],
        [d, -diversifyingShareBp],
      ],
    });
    const bought = program.bought.get(w);
    if (bought !== undefined && currentBp < diversifyingShareBp) {
      program.rows.push({
        lower: 0,
        upper,
        entries: [
          [bought, 1],
          [d, currentBp - diversifyingShareBp],
        ],
      });
    }
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
  // Of a solution that is not permitted, what is nearer to nothing goes.
  const isHeld = (share: number) => share > shareToleranceBp && share >= minShareBp / 2;
  const lower = shares.map((share, index) => {
    if (large.has(index)) return diversifyingShareBp;
    return isHeld(share) ? minShareBp : 0;
  });
  const upper = shares.map((share, index) => (large.has(index) || isHeld(share) ? maxSingleBp : 0));
  return { lower, upper, gap };
}

function countLarge(shares: readonly number[]): number {
  return shares.filter((share) => share >= diversifyingShareBp - shareToleranceBp).length;
}

function largestIndex(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
