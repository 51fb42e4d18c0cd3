import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { type Branch, type BranchAndBoundOptions, branchAndBound } from "./branch-and-bound.ts";
import { boundsOf, type LinearProgram, loadSolver, withProgram } from "./highs-solver.ts";

let highs: Awaited<ReturnType<typeof loadSolver>>;

beforeAll(async () => {
  highs = await loadSolver();
});

/** Which things to take: each once at most, the most worth for their weight. */
interface Knapsack {
  readonly items: readonly { readonly worth: number; readonly weight: number }[];
  readonly capacity: number;
}

function programOf({ items, capacity }: Knapsack): LinearProgram {
  return {
    columns: items.map(({ worth }) => ({ cost: -worth, lower: 0, upper: 1 })),
    rows: [
      { lower: 0, upper: capacity, entries: items.map(({ weight }, index) => [index, weight] as const) },
    ],
  };
}

const branchOnParts: Branch = ({ values }, { lower, upper }) => {
  const column = values.findIndex((value) => value > 1e-6 && value < 1 - 1e-6);
  if (column < 0) return undefined;
  return [
    { lower, upper: upper.with(column, 0) },
    { lower: lower.with(column, 1), upper },
  ];
};

function best(knapsack: Knapsack, options: Partial<BranchAndBoundOptions> = {}) {
  const program = programOf(knapsack);
  const all = { root: boundsOf(program), branch: branchOnParts, budget: { programmes: 400 }, ...options };
  return withProgram(highs, program, (solve) => branchAndBound(solve, all));
}

it("finds the best of all whole choices, and proves it", () => {
  const items = fc.array(
    fc.record({ worth: fc.integer({ min: 1, max: 40 }), weight: fc.integer({ min: 1, max: 40 }) }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.record({ items, capacity: fc.integer({ min: 0, max: 120 }) }), (knapsack) => {
      let most = 0;
      for (let choice = 0; choice < 2 ** knapsack.items.length; choice += 1) {
        const taken = knapsack.items.filter((_, index) => (choice >> index) & 1);
        const weight = taken.reduce((sum, item) => sum + item.weight, 0);
        if (weight <= knapsack.capacity)
          most = Math.max(
            most,
            taken.reduce((sum, item) => sum + item.worth, 0),
          );
      }
      const found = best(knapsack);
      expect(found?.solution.cost).toBeCloseTo(-most, 6);
      expect(found?.gap).toBe(0);
    }),
    { numRuns: 100 },
  );
});

it("gives nothing when nothing is permitted", () => {
  const program = programOf({ items: [{ worth: 1, weight: 2 }], capacity: 1 });
  const atLeastOne = { lower: [1], upper: [1] };
  expect(
    withProgram(highs, program, (solve) =>
      branchAndBound(solve, { root: atLeastOne, branch: branchOnParts, budget: { programmes: 400 } }),
    ),
  ).toBeUndefined();
});

it("stops in the end, and says how much better another choice could be", () => {
  // Equal items with half of an item's room left over: every choice must be ruled out one by one.
  const items = Array.from({ length: 40 }, () => ({ worth: 2, weight: 2 }));
  const found = best({ items, capacity: 41 });
  expect(found?.solution.cost).toBeCloseTo(-40, 6);
  expect(found?.gap).toBeCloseTo(1, 6);
});

it("solves no more programmes than its budget, also while nothing permitted is known", () => {
  // The sum of even weights is never odd.
  const items = Array.from({ length: 30 }, () => ({ worth: 2, weight: 2 }));
  const program: LinearProgram = {
    ...programOf({ items, capacity: 31 }),
    rows: [{ lower: 31, upper: 31, entries: items.map((_, index) => [index, 2] as const) }],
  };
  let solved = 0;
  const found = withProgram(highs, program, (solve) =>
    branchAndBound(
      (bounds) => {
        solved += 1;
        return solve(bounds);
      },
      { root: boundsOf(program), branch: branchOnParts, budget: { programmes: 50 } },
    ),
  );
  expect(found).toBeUndefined();
  expect(solved).toBeGreaterThanOrEqual(50);
  expect(solved).toBeLessThanOrEqual(53);
});

it("has the solution that it began with when there is time for nothing else", () => {
  const items = Array.from({ length: 40 }, () => ({ worth: 2, weight: 2 }));
  const start = { lower: items.map(() => 0), upper: items.map((_, index) => (index < 10 ? 1 : 0)) };
  const found = best({ items, capacity: 41 }, { start, budget: { programmes: 1 } });
  expect(found?.solution.cost).toBeCloseTo(-20, 6);
  expect(found?.gap).toBeCloseTo(21, 6);
});
