import type { Highs } from "highs";
import { AllocationError } from "./errors.ts";
import { DIVERSIFYING_SHARE_BP, WHOLE_BP } from "./limits.ts";
import type { LinearProgram } from "./solver.ts";
import { solve } from "./solver.ts";

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
 * - wᵢ = 0 or minShare ≤ wᵢ ≤ maxSingle (a binary yᵢ: minShare·yᵢ ≤ wᵢ ≤ maxSingle·yᵢ),
 * - at least minDiversification shares ≥ 1000 (a binary dᵢ: wᵢ ≥ 1000·dᵢ, Σ dᵢ ≥ minDiversification).
 *
 * The mixed-integer programme picks the pattern (y, d); the linear programme with that pattern fixed gives the
 * shares and their dual values, as a mixed-integer programme has none of its own.
 *
 * @returns undefined when no shares satisfy the limits.
 */
export function solveAllocation(highs: Highs, problem: AllocationProblem): AllocationSolution | undefined {
  const pattern = findPattern(highs, problem);
  if (pattern === undefined) return undefined;
  const program = shareProgram(problem, pattern.lower, pattern.upper);
  const fixed = solve(highs, program);
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
    riskPrice: Math.max(0, -(fixed.rowDuals[RISK_ROW] ?? 0)),
    gap: pattern.gap / WHOLE_BP,
  };
}

/** The value of a solution, percentage points of risk-adjusted APY net of costs. */
export function objectiveOfSolution(problem: AllocationProblem, { shares }: AllocationSolution): number {
  const value = problem.assets.reduce((sum, { reward, currentBp }, index) => {
    const held = shares[index] ?? 0;
    return sum + held * reward - problem.moveCost * Math.max(0, held - currentBp);
  }, 0);
  return value / WHOLE_BP;
}

const RISK_ROW = 1;

interface Pattern {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly gap: number;
}

function findPattern(highs: Highs, problem: AllocationProblem): Pattern | undefined {
  const { assets, maxSingleBp, minShareBp, minDiversification } = problem;
  if (assets.length === 0) return undefined;
  const program = shareProgram(
    problem,
    assets.map(() => 0),
    assets.map(() => maxSingleBp),
  );
  const binary = () => program.columns.push({ cost: 0, lower: 0, upper: 1, integer: true }) - 1;
  const atLeast = (lower: number, ...entries: [number, number][]) =>
    program.rows.push({ lower, upper: Number.POSITIVE_INFINITY, entries });

  const held = minShareBp > 0 ? assets.map(binary) : [];
  const large = minDiversification > 0 ? assets.map(binary) : [];
  held.forEach((y, w) => {
    atLeast(0, [w, 1], [y, -minShareBp]);
    atLeast(0, [w, -1], [y, maxSingleBp]);
  });
  large.forEach((d, w) => {
    atLeast(0, [w, 1], [d, -DIVERSIFYING_SHARE_BP]);
  });
  if (large.length > 0) atLeast(minDiversification, ...large.map((d): [number, number] => [d, 1]));
  const found = solve(highs, program);
  if (found === undefined) return undefined;
  const isOn = (column: number | undefined) => column !== undefined && (found.values[column] ?? 0) > 0.5;
  return {
    lower: assets.map((_, w) => {
      if (isOn(large[w])) return DIVERSIFYING_SHARE_BP;
      return isOn(held[w]) ? minShareBp : 0;
    }),
    upper: assets.map((_, w) => (held.length === 0 || isOn(held[w]) ? maxSingleBp : 0)),
    gap: found.gap,
  };
}

/** Columns: one share per asset, then what is bought above each present holding. Rows: sum, risk, then purchases. */
function shareProgram(
  problem: AllocationProblem,
  lower: readonly number[],
  upper: readonly number[],
): LinearProgram {
  const { assets, moveCost, maxRisk } = problem;
  const columns = assets.map(({ reward, currentBp }, index) => ({
    // Without a present holding all of the share is bought, so its cost needs no column of its own.
    cost: currentBp > 0 ? -reward : moveCost - reward,
    lower: lower[index] ?? 0,
    upper: upper[index] ?? 0,
    integer: false,
  }));
  const program: LinearProgram = {
    columns,
    rows: [
      { lower: WHOLE_BP, upper: WHOLE_BP, entries: assets.map((_, w) => [w, 1] as const) },
      {
        lower: 0,
        upper: maxRisk * WHOLE_BP,
        entries: assets.map(({ risk }, w) => [w, risk] as const),
      },
    ],
  };
  if (moveCost === 0) return program;
  assets.forEach(({ currentBp }, w) => {
    if (currentBp === 0) return;
    const bought = program.columns.push({ cost: moveCost, lower: 0, upper: WHOLE_BP, integer: false }) - 1;
    const entries = [[w, 1] as const, [bought, -1] as const];
    program.rows.push({ lower: Number.NEGATIVE_INFINITY, upper: currentBp, entries });
  });
  return program;
}
