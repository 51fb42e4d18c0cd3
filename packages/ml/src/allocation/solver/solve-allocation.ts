import type { Highs } from "highs";
import { AllocationError } from "../allocation-error.ts";
import { wholeBp } from "../limits.ts";
import type { Budget } from "./branch-and-bound.ts";
import { findPattern } from "./find-pattern.ts";
import { solve } from "./highs-solver.ts";
import { leastRisk } from "./least-risk.ts";
import { riskRow, shareProgram } from "./share-program.ts";
import { undominated } from "./undominated.ts";

/** Linear programmes that one question may take; then the best mix so far is taken, with its gap. */
export const programmesMax = 100;

/** The allocation problem in the solver's terms. Assets are those that may hold money, in a fixed order. */
export interface AllocationProblem {
  readonly assets: readonly { readonly reward: number; readonly risk: number; readonly currentBp: number }[];
  /** Percentage points of APY lost per whole portfolio moved. */
  readonly moveCost: number;
  readonly maxSingleBp: number;
  readonly minShareBp: number;
  readonly minDiversification: number;
  readonly maxRisk: number;
}

/** The best shares before rounding, and what the limits cost. */
export interface AllocationSolution {
  /** Basis points, possibly fractional, in the order of the assets. */
  readonly shares: readonly number[];
  /** Per asset: objective gained per basis point of a higher `maxSingleBp`, pp · bp. */
  readonly maxSinglePrices: readonly number[];
  /** Per asset: objective gained per basis point of a lower `minShareBp`, pp · bp. */
  readonly minSharePrices: readonly number[];
  /** Objective gained per point of a higher `maxRisk`, percentage points of APY. */
  readonly riskPrice: number;
  /** Percentage points by which an unexplored mix could still be better. */
  readonly gap: number;
}

/**
 * Maximises Σ wᵢ·rewardᵢ − moveCost · Σ max(0, wᵢ − currentᵢ) over shares w in basis points, subject to
 *
 * - Σ wᵢ = 10000 and Σ wᵢ·riskᵢ ≤ 10000 · maxRisk,
 * - wᵢ = 0 or minShare ≤ wᵢ ≤ maxSingle,
 * - at least minDiversification shares ≥ 1000.
 *
 * Assets that an optimum can do without are left out first (see `undominated`). A mixed-integer programme picks which
 * of the others are held and which are large (see `findPattern`); the linear programme with that pattern fixed gives
 * the shares and their dual values, as a mixed-integer programme has none of its own.
 *
 * @returns undefined when no shares satisfy the limits.
 */
export function solveAllocation(
  highs: Highs,
  problem: AllocationProblem,
  budget: Budget = { programmes: programmesMax },
): AllocationSolution | undefined {
  const chosen = undominated(problem);
  const reduced = { ...problem, assets: problem.assets.filter((_, index) => chosen.has(index)) };
  const known = leastRisk(reduced);
  const solution = known && solveReduced(highs, reduced, { shares: known, budget });
  if (solution === undefined) return undefined;
  const spread = (values: readonly number[]) => {
    const rest = values.values();
    return problem.assets.map((_, index) => (chosen.has(index) ? (rest.next().value ?? 0) : 0));
  };
  return {
    ...solution,
    shares: spread(solution.shares),
    maxSinglePrices: spread(solution.maxSinglePrices),
    minSharePrices: spread(solution.minSharePrices),
  };
}

/** The value of a solution, percentage points of risk-adjusted APY net of costs. */
export function objectiveOfSolution(problem: AllocationProblem, { shares }: AllocationSolution): number {
  const value = problem.assets.reduce((sum, { reward, currentBp }, index) => {
    const held = shares[index] ?? 0;
    return sum + held * reward - problem.moveCost * Math.max(0, held - currentBp);
  }, 0);
  return value / wholeBp;
}

function solveReduced(
  highs: Highs,
  problem: AllocationProblem,
  known: { readonly shares: readonly number[]; readonly budget: Budget },
): AllocationSolution {
  const pattern = findPattern(highs, problem, known);
  const fixed = solve(highs, shareProgram(problem, pattern));
  if (fixed === undefined) {
    throw new AllocationError("solver_failure", "The chosen pattern of shares turned out infeasible.");
  }
  const shares = problem.assets.map((_, index) => fixed.values[index] ?? 0);
  const duals = shares.map((_, index) => fixed.columnDuals[index] ?? 0);
  const priceAt = (bound: number, sign: 1 | -1) =>
    shares.map((share, index) =>
      Math.abs(share - bound) < 1e-6 ? Math.max(0, sign * (duals[index] ?? 0)) : 0,
    );
  return {
    shares,
    // Minimising −objective: a positive gain from a higher upper bound is a negative dual, and vice versa.
    maxSinglePrices: priceAt(problem.maxSingleBp, -1),
    minSharePrices: priceAt(problem.minShareBp, 1),
    riskPrice: Math.max(0, -(fixed.rowDuals[riskRow] ?? 0)),
    gap: pattern.gap / wholeBp,
  };
}
