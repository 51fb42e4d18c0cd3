import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { wholeBp } from "../limits.ts";
import { loadSolver } from "./highs-solver.ts";
import { type AllocationProblem, programmesMax, solveAllocation } from "./solve-allocation.ts";

let highs: Awaited<ReturnType<typeof loadSolver>>;

beforeAll(async () => {
  highs = await loadSolver();
});

/** Cost per year of moving everything, percentage points: 10 and 100 basis points for 30 days, and the most that can be asked. */
const moveCosts = { usual: 1.2, high: 12.2, highest: 36_500 };

/** Fifty protocols all of which are held, the hardest that can be asked: none of them may be left out. */
function problems(moveCost: fc.Arbitrary<number>): fc.Arbitrary<AllocationProblem> {
  const asset = fc.record({
    reward: fc.double({ min: -5, max: 40, noNaN: true }),
    risk: fc.integer({ min: 5, max: 95 }),
    weight: fc.integer({ min: 1, max: 100 }),
  });
  return fc
    .record({
      drawn: fc.array(asset, { minLength: 50, maxLength: 50 }),
      holdings: fc.constantFrom("equal", "random", "dust"),
      moveCost,
      maxSingleBp: fc.constantFrom(1_000, 1_500, 5_000),
      minShareBp: fc.constant(100),
      minDiversification: fc.constantFrom(0, 3, 5, 8, 10),
      maxRisk: fc.constantFrom(20, 35, 60),
    })
    .map(({ drawn, holdings, ...limits }) => {
      const total = drawn.reduce((sum, { weight }) => sum + weight, 0);
      const held = drawn.map(({ weight }) => {
        if (holdings === "random") return Math.floor((weight / total) * wholeBp);
        return holdings === "equal" ? wholeBp / 50 : 50;
      });
      const rest = wholeBp - held.reduce((sum, share) => sum + share, 0);
      const assets = drawn.map(({ reward, risk }, index) => ({
        reward,
        risk,
        currentBp: (held[index] ?? 0) + (index === 0 ? rest : 0),
      }));
      return { assets, ...limits };
    });
}

it("solves no more programmes than the budget, whatever is asked, and says how far it may be from the optimum", () => {
  const costs = fc.constantFrom(...Object.values(moveCosts));
  fc.assert(
    fc.property(problems(costs), (problem) => {
      const budget = { programmes: programmesMax };
      const solution = solveAllocation(highs, problem, budget);
      // The last branching solves two, and a rounding one.
      expect(budget.programmes).toBeGreaterThanOrEqual(-3);
      // Nobody can win more than by moving everything for nothing.
      expect(solution?.gap ?? 0).toBeLessThanOrEqual(problem.moveCost + 45);
    }),
    { numRuns: 25, seed: 1, endOnFailure: true },
  );
});

it("proves the optimum within the budget where moving costs what it does", () => {
  const costs = fc.constantFrom(moveCosts.usual, moveCosts.high);
  fc.assert(
    fc.property(problems(costs), (problem) => {
      expect(solveAllocation(highs, problem)?.gap ?? 0).toBeLessThan(0.5);
    }),
    { numRuns: 25, seed: 1, endOnFailure: true },
  );
});
