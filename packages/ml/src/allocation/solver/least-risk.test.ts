import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { wholeBp } from "../limits.ts";
import { branchAndBound } from "./branch-and-bound.ts";
import { boundsOf, type LinearProgram, loadSolver, withProgram } from "./highs-solver.ts";
import { leastRisk } from "./least-risk.ts";
import type { AllocationProblem } from "./solve-allocation.ts";

let highs: Awaited<ReturnType<typeof loadSolver>>;

beforeAll(async () => {
  highs = await loadSolver();
});

const problems: fc.Arbitrary<AllocationProblem> = fc.record({
  assets: fc.array(
    fc.record({ reward: fc.constant(0), risk: fc.integer({ min: 5, max: 95 }), currentBp: fc.constant(0) }),
    { maxLength: 8 },
  ),
  moveCost: fc.constant(0),
  maxSingleBp: fc.integer({ min: 100, max: 10_000 }),
  minShareBp: fc.constantFrom(0, 100),
  minDiversification: fc.integer({ min: 0, max: 9 }),
  maxRisk: fc.integer({ min: 5, max: 100 }),
});

/** The least risk by trying every choice of what is held and of what is large; undefined when no choice keeps the limits. */
function leastByTrying({ assets, maxSingleBp, minShareBp, minDiversification }: AllocationProblem) {
  // A yes or no per asset for "held" and one for "large": w ≤ max·held, w ≥ min·held, w ≥ 1000·large.
  const program: LinearProgram = {
    columns: [
      ...assets.map(({ risk }) => ({ cost: risk, lower: 0, upper: maxSingleBp })),
      ...assets.map(() => ({ cost: 0, lower: 0, upper: 1 })),
      ...assets.map(() => ({ cost: 0, lower: 0, upper: 1 })),
    ],
    rows: [{ lower: wholeBp, upper: wholeBp, entries: assets.map((_, w) => [w, 1] as const) }],
  };
  const { length } = assets;
  const upper = Number.POSITIVE_INFINITY;
  for (const w of assets.keys()) {
    program.rows.push({
      lower: 0,
      upper,
      entries: [
        [length + w, maxSingleBp],
        [w, -1],
      ],
    });
    program.rows.push({
      lower: 0,
      upper,
      entries: [
        [w, 1],
        [length + w, -minShareBp],
      ],
    });
    program.rows.push({
      lower: 0,
      upper,
      entries: [
        [w, 1],
        [2 * length + w, -1_000],
      ],
    });
  }
  program.rows.push({
    lower: minDiversification,
    upper,
    entries: assets.map((_, w) => [2 * length + w, 1] as const),
  });
  const found = withProgram(highs, program, (solve) =>
    branchAndBound(solve, {
      root: boundsOf(program),
      budget: { programmes: 10_000 },
      branch: ({ values }, bounds) => {
        const column = values.findIndex((value, at) => at >= length && value > 1e-6 && value < 1 - 1e-6);
        if (column < 0) return undefined;
        return [
          { ...bounds, upper: bounds.upper.with(column, 0) },
          { ...bounds, lower: bounds.lower.with(column, 1) },
        ];
      },
    }),
  );
  return found?.solution.cost;
}

it("finds the least risky shares that keep the limits, and knows when there are none", () => {
  fc.assert(
    fc.property(problems, (problem) => {
      const shares = leastRisk(problem);
      const least = problem.assets.length === 0 ? undefined : leastByTrying(problem);
      const isPossible = least !== undefined && least <= problem.maxRisk * wholeBp + 1e-3;
      expect(shares !== undefined).toBe(isPossible);
      if (shares === undefined) return;
      const risk = shares.reduce((sum, share, index) => sum + share * (problem.assets[index]?.risk ?? 0), 0);
      expect(risk).toBeCloseTo(least ?? 0, 3);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(wholeBp);
      expect(shares.filter((share) => share >= 1_000).length).toBeGreaterThanOrEqual(
        problem.minDiversification,
      );
      for (const share of shares) {
        expect(share === 0 || (share >= problem.minShareBp && share <= problem.maxSingleBp)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
