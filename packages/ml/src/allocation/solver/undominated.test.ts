import fc from "fast-check";
import { expect, it } from "vitest";
import { grid, isAllowed, named, objective, requests } from "../../test-support/allocation-oracle.ts";
import { annualMoveCost, assetsOf } from "../holdings.ts";
import type { AllocationProblem } from "./solve-allocation.ts";
import { undominated } from "./undominated.ts";

function problemOf(assets: AllocationProblem["assets"]): AllocationProblem {
  return { assets, moveCost: 1, maxSingleBp: 5_000, minShareBp: 100, minDiversification: 2, maxRisk: 60 };
}

it("leaves out an asset that as many others outdo as an allocation could need", () => {
  const asset = (reward: number, risk: number, currentBp = 0) => ({ reward, risk, currentBp });
  const [best, good, fair, risky] = [asset(9, 20), asset(8, 20), asset(7, 20), asset(8.5, 50)];
  expect([...undominated(problemOf([fair, good, best, risky]))]).toEqual([1, 2, 3]);
  expect([...undominated(problemOf([asset(7, 20, 500), good, best]))]).toEqual([0, 1, 2]);
  // Of equals the earlier ones stay.
  expect([...undominated(problemOf([fair, fair, fair]))]).toEqual([0, 1]);
});

it("never leaves out what the best allocation needs, nor what makes one possible", () => {
  fc.assert(
    fc.property(requests({ minLength: 5, maxLength: 5 }), (request) => {
      const active = assetsOf(request).filter((asset) => asset.active);
      const chosen = undominated({
        assets: active,
        moveCost: annualMoveCost(request.costs),
        maxSingleBp: request.limits.max_single_bp,
        minShareBp: 100,
        minDiversification: request.limits.min_diversification,
        maxRisk: request.limits.max_portfolio_risk,
      });
      const left = new Set(active.filter((_, index) => !chosen.has(index)).map(({ protocol }) => protocol));
      const allowed = grid(5)
        .map((shares) => named(request, shares))
        .filter((allocation) => isAllowed(request, allocation));
      const without = allowed.filter((allocation) =>
        [...left].every((name) => (allocation[name] ?? 0) === 0),
      );
      const best = (list: typeof allowed) => Math.max(...list.map((each) => objective(request, each)));
      expect(without.length === 0).toBe(allowed.length === 0);
      if (allowed.length > 0) expect(best(without)).toBeGreaterThanOrEqual(best(allowed) - 1e-9);
    }),
    { numRuns: 40 },
  );
});
