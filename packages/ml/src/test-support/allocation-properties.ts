import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { AllocationOptimizer } from "../allocation/allocation-optimizer.ts";
import { createAllocationOptimizer } from "../allocation/allocation-optimizer.ts";
import type { AllocationRequest, LimitName } from "../allocation/allocation-types.ts";
import { limitsForTolerance } from "../allocation/limits.ts";
import {
  candidates,
  grid,
  isAllowed,
  named,
  objective,
  requests,
  roundingLoss,
} from "./allocation-oracle.ts";

/**
 * Every promise of the optimiser as a whole, each tried on so many random requests. Test code only.
 */
export function describeAllocationProperties(requestCount: number): void {
  let optimizer: AllocationOptimizer;

  beforeAll(async () => {
    optimizer = await createAllocationOptimizer();
  });

  describe("every result", () => {
    it("is allowed: whole points summing to 10000, within every limit, active protocols only", () => {
      fc.assert(
        fc.property(requests(), (request) => {
          const result = optimizer.optimize(request);
          if (result.outcome === "infeasible") return;
          expect(isAllowed(request, result.target_bp)).toBe(true);
          // The advice itself obeys the limits too; only the 1 % floor does not bind what is already held.
          expect(Object.values(result.allocation_bp).reduce((sum, share) => sum + share, 0)).toBe(10_000);
          expect(Math.max(...Object.values(result.allocation_bp))).toBeLessThanOrEqual(
            request.limits.max_single_bp,
          );
          if (result.outcome === "hold") expect(result.forced_moves).toEqual([]);
          expect(result.confidence).toBeGreaterThanOrEqual(0);
          expect(result.confidence).toBeLessThanOrEqual(1);
        }),
        { numRuns: requestCount },
      );
    });

    it("does not depend on the order of candidates or of holdings, nor on what was asked before", () => {
      const shuffled = requests().chain((request) =>
        fc.record({
          request: fc.constant(request),
          candidates: fc.shuffledSubarray([...request.candidates], { minLength: request.candidates.length }),
        }),
      );
      fc.assert(
        fc.property(shuffled, ({ request, candidates }) => {
          const first = optimizer.optimize(request);
          const current = request.current && Object.fromEntries(Object.entries(request.current).toReversed());
          expect(optimizer.optimize({ ...request, candidates, current })).toEqual(first);
          expect(optimizer.optimize(structuredClone(request))).toEqual(first);
        }),
        { numRuns: requestCount },
      );
    });

    it("holds exactly when no move is forced and moving does not pay or is below the threshold", () => {
      fc.assert(
        fc.property(requests(), (request) => {
          const result = optimizer.optimize(request);
          if (result.outcome === "infeasible") return;
          const forced = request.current === null || result.forced_moves.length > 0;
          const worthwhile =
            result.expected_improvement > 0 &&
            result.largest_change_bp >= Math.max(1, request.rebalance_threshold_bp);
          expect(result.outcome).toBe(forced || worthwhile ? "rebalance" : "hold");
        }),
        { numRuns: requestCount },
      );
    });
  });

  describe("the optimum", () => {
    it("is never worse, risk-adjusted and net of costs, than any single protocol or equal split that is allowed", () => {
      fc.assert(
        fc.property(requests({ minLength: 1, maxLength: 12 }), fc.boolean(), (drawn, isLoose) => {
          // With a cap below the whole no single protocol is allowed, and most drawn caps are.
          const loose = { ...drawn.limits, max_single_bp: 10_000, min_diversification: 0 };
          const request = isLoose ? { ...drawn, limits: loose } : drawn;
          const result = optimizer.optimize(request);
          const allowed = simplePortfolios(request).filter((allocation) => isAllowed(request, allocation));
          if (result.outcome === "infeasible") {
            expect(allowed).toEqual([]);
            return;
          }
          expect(result.optimality_gap).toBe(0);
          const reached = objective(request, result.target_bp) + roundingLoss(request);
          for (const allocation of allowed)
            expect(objective(request, allocation)).toBeLessThanOrEqual(reached);
        }),
        { numRuns: requestCount },
      );
    });

    it("is not beaten by any allocation of three protocols in steps of 5 %", () => {
      fc.assert(
        fc.property(requests({ minLength: 3, maxLength: 3 }), (request) => {
          const result = optimizer.optimize(request);
          const allowed = grid(3)
            .map((shares) => named(request, shares))
            .filter((allocation) => isAllowed(request, allocation));
          if (result.outcome === "infeasible") {
            expect(allowed).toEqual([]);
            return;
          }
          const best = Math.max(...allowed.map((allocation) => objective(request, allocation)));
          expect(objective(request, result.target_bp)).toBeGreaterThanOrEqual(best - roundingLoss(request));
        }),
        { numRuns: Math.min(150, requestCount) },
      );
    });

    it("is not beaten by random allowed allocations of more protocols", () => {
      const weights = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 8, maxLength: 8 }), {
        minLength: 30,
        maxLength: 30,
      });
      fc.assert(
        fc.property(requests({ minLength: 4, maxLength: 8 }), weights, (request, draws) => {
          const result = optimizer.optimize(request);
          if (result.outcome === "infeasible") return;
          const reached = objective(request, result.target_bp) + roundingLoss(request);
          for (const draw of draws) {
            const used = request.candidates.map(({ status }, index) =>
              status === "active" ? (draw[index] ?? 0) : 0,
            );
            const total = used.reduce((sum, weight) => sum + weight, 0);
            const shares = used.map((weight) => Math.floor((weight / Math.max(1, total)) * 100) * 100);
            const largest = shares.indexOf(Math.max(...shares));
            shares[largest] = (shares[largest] ?? 0) + 10_000 - shares.reduce((sum, share) => sum + share, 0);
            const allocation = named(request, shares);
            if (isAllowed(request, allocation)) {
              expect(objective(request, allocation)).toBeLessThanOrEqual(reached);
            }
          }
        }),
        { numRuns: Math.min(60, requestCount) },
      );
    });

    it("does not lose from a looser cap or risk limit", () => {
      fc.assert(
        fc.property(requests(), fc.integer({ min: 0, max: 10 }), (request, step) => {
          const tight = optimizer.optimize(request);
          if (tight.outcome === "infeasible") return;
          const { max_single_bp, max_portfolio_risk } = request.limits;
          const loose = optimizer.optimize({
            ...request,
            limits: {
              ...request.limits,
              max_single_bp: Math.min(10_000, max_single_bp + step * 100),
              max_portfolio_risk: Math.min(100, max_portfolio_risk + step),
            },
          });
          if (loose.outcome === "infeasible") throw new Error("Loosening made it infeasible.");
          expect(objective(request, loose.target_bp)).toBeGreaterThanOrEqual(
            objective(request, tight.target_bp) - roundingLoss(request),
          );
        }),
        { numRuns: Math.min(60, requestCount) },
      );
    });

    it("does not depend on the unit of yield", () => {
      const factors = fc.constantFrom(0.01, 0.1, 10, 100);
      fc.assert(
        fc.property(requests(), factors, (request, factor) => {
          const times = (value: number | null) => (value === null ? null : value * factor);
          const scaled: AllocationRequest = {
            ...request,
            candidates: request.candidates.map((item) => ({
              ...item,
              expected_apy: times(item.expected_apy),
              expected_apy_lower: times(item.expected_apy_lower),
              expected_apy_upper: times(item.expected_apy_upper),
            })),
            limits: {
              ...request.limits,
              risk_aversion: request.limits.risk_aversion * factor,
              uncertainty_scale: request.limits.uncertainty_scale * factor,
            },
            costs: { ...request.costs, cost_bp: request.costs.cost_bp * factor },
          };
          const result = optimizer.optimize(request);
          const rescaled = optimizer.optimize(scaled);
          if (result.outcome === "infeasible" || rescaled.outcome === "infeasible") {
            expect(rescaled.outcome).toBe(result.outcome);
            return;
          }
          const difference = objective(request, rescaled.target_bp) - objective(request, result.target_bp);
          expect(Math.abs(difference)).toBeLessThanOrEqual(roundingLoss(request));
        }),
        { numRuns: Math.min(60, requestCount) },
      );
    });
  });

  /** Everything in one active protocol, for each of them, and everything split equally over all of them. */
  function simplePortfolios(request: AllocationRequest): Record<string, number>[] {
    const active = request.candidates.filter(({ status }) => status === "active");
    const equal = active.map(({ protocol }, index) => {
      const share = Math.floor(10_000 / active.length) + (index < 10_000 % active.length ? 1 : 0);
      return [protocol, share] as const;
    });
    return [...active.map(({ protocol }) => ({ [protocol]: 10_000 })), Object.fromEntries(equal)];
  }

  /**
   * Whether limits can hold together, by the lowest risk they permit: the safest protocols first. Exact on steps of 5 %.
   */
  function canHold(
    { candidates, limits, preferred = [] }: AllocationRequest,
    without: ReadonlySet<LimitName>,
  ) {
    const active = candidates.filter(({ status }) => status === "active");
    const wanted = active.filter(
      ({ protocol }) =>
        without.has("preferred_protocols") || preferred.length === 0 || preferred.includes(protocol),
    );
    // More protocols are of no use to a user who does not want all that there are.
    const isSupplied = without.has("active_candidates") && wanted.length === active.length;
    const phantoms = isSupplied ? Array.from({ length: 30 }, () => 0) : [];
    const safest = [...phantoms, ...wanted.map(({ risk_score }) => risk_score ?? 100)].toSorted(
      (left, right) => left - right,
    );
    const cap = without.has("max_single") ? 10_000 : limits.max_single_bp;
    const needed = without.has("min_diversification") ? 0 : limits.min_diversification;
    if (safest.length < needed || safest.length * cap < 10_000 || (needed > 0 && cap < 1_000)) return false;
    let left = 10_000 - needed * 1_000;
    let risk = 0;
    safest.forEach((score, index) => {
      const floor = index < needed ? 1_000 : 0;
      const more = Math.min(left, cap - floor);
      left -= more;
      risk += score * (floor + more);
    });
    return without.has("max_portfolio_risk") || risk <= limits.max_portfolio_risk * 10_000;
  }

  describe("an infeasible result", () => {
    const small = requests({ minLength: 1, maxLength: 4 });

    it("is given exactly when no allocation in steps of 5 % is allowed", () => {
      fc.assert(
        fc.property(small, (request) => {
          const exists = grid(request.candidates.length).some((shares) =>
            isAllowed(request, named(request, shares)),
          );
          expect(optimizer.optimize(request).outcome === "infeasible").toBe(!exists);
          expect(canHold(request, new Set())).toBe(exists);
        }),
        { numRuns: 100 },
      );
    });

    it("names a conflict that stands alone and of which no member can be spared", () => {
      const all: LimitName[] = [
        "active_candidates",
        "max_portfolio_risk",
        "max_single",
        "min_diversification",
        "preferred_protocols",
      ];
      const choosy = small.chain((request) =>
        fc.record({
          request: fc.constant(request),
          preferred: fc.subarray(request.candidates.map(({ protocol }) => protocol)),
        }),
      );
      fc.assert(
        fc.property(choosy, ({ request: drawn, preferred }) => {
          const request = { ...drawn, preferred };
          const result = optimizer.optimize(request);
          expect(result.outcome === "infeasible").toBe(!canHold(request, new Set()));
          if (result.outcome !== "infeasible") return;
          const others = all.filter((limit) => !result.conflicting_limits.includes(limit));
          expect(canHold(request, new Set(others))).toBe(false);
          for (const spared of result.conflicting_limits) {
            expect(canHold(request, new Set([...others, spared]))).toBe(true);
          }
        }),
        { numRuns: requestCount },
      );
    });
  });

  describe("five hundred candidates", () => {
    it("are allocated within the limits, to a proven optimum", () => {
      const one = candidates({ minLength: 500, maxLength: 500 });
      const [list] = fc.sample(one, { numRuns: 1, seed: 20_261_122 });
      const request: AllocationRequest = {
        candidates: list ?? [],
        current: null,
        limits: limitsForTolerance("medium"),
        costs: { cost_bp: 30, holding_period_days: 30 },
        rebalance_threshold_bp: 500,
      };
      const result = optimizer.optimize(request);
      if (result.outcome === "infeasible") throw new Error(result.reason);
      expect(isAllowed(request, result.allocation_bp)).toBe(true);
      expect(result.optimality_gap).toBe(0);
    });
  });
}
