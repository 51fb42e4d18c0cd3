import fc from "fast-check";
import type { AllocationCandidate, AllocationRequest } from "../allocation/allocation-types.ts";
import { annualMoveCost, robustYield } from "../allocation/holdings.ts";
import type { AllocationLimits } from "../allocation/limits.ts";
import { limitsForTolerance } from "../allocation/limits.ts";

// For tests: random requests, and the model written a second time in the plainest way to check the optimiser against.

const statuses = fc.constantFrom("active", "active", "active", "active", "paused", "exploited");

/** Active and inactive protocols with yields of −20 to 60 % and uneven intervals. */
export function candidates(count: { minLength: number; maxLength: number }) {
  const drawn = fc.record({
    apy: fc.double({ min: -20, max: 60, noNaN: true }),
    below: fc.double({ min: 0, max: 30, noNaN: true }),
    above: fc.double({ min: 0, max: 30, noNaN: true }),
    risk_score: fc.integer({ min: 5, max: 95 }),
    status: statuses,
  });
  return fc.array(drawn, count).map((list): AllocationCandidate[] =>
    list.map(({ apy, below, above, risk_score, status }, index) => ({
      protocol: `p${String(index).padStart(2, "0")}`,
      status,
      expected_apy: apy,
      expected_apy_lower: apy - below,
      expected_apy_upper: apy + above,
      interval_level: 0.9,
      risk_score,
    })),
  );
}

const limits: fc.Arbitrary<AllocationLimits> = fc
  .record({
    tolerance: fc.constantFrom("low", "medium", "high"),
    max_single_bp: fc.integer({ min: 4, max: 20 }).map((step) => step * 500),
    min_diversification: fc.integer({ min: 0, max: 4 }),
    max_portfolio_risk: fc.integer({ min: 20, max: 95 }),
  })
  .map(({ tolerance, ...hard }) => ({ ...limitsForTolerance(tolerance), ...hard }));

/** Requests over such candidates, from cash or from holdings in steps of 5 %, with limits in such steps. */
export function requests(count = { minLength: 1, maxLength: 9 }): fc.Arbitrary<AllocationRequest> {
  return fc
    .record({
      candidates: candidates(count),
      limits,
      cuts: fc.option(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 8, maxLength: 8 })),
      costs: fc.record({
        cost_bp: fc.integer({ min: 0, max: 50 }),
        holding_period_days: fc.integer({ min: 7, max: 365 }),
      }),
      rebalance_threshold_bp: fc.integer({ min: 0, max: 1_000 }),
    })
    .map(({ cuts, ...rest }) => ({ ...rest, current: cuts === null ? null : split(rest.candidates, cuts) }));
}

/** Shares in steps of 5 % from cut points, over at most nine of the candidates. */
function split(list: readonly AllocationCandidate[], cuts: readonly number[]): Record<string, number> {
  const used = cuts.slice(0, Math.min(list.length, 9) - 1).toSorted((left, right) => left - right);
  const edges = [0, ...used, 20];
  return Object.fromEntries(
    edges.slice(1).map((edge, index) => [list[index]?.protocol ?? "", (edge - (edges[index] ?? 0)) * 500]),
  );
}

/** The objective written out again from its definition, independent of the optimiser's own code. */
export function objective(request: AllocationRequest, allocation: Readonly<Record<string, number>>): number {
  let value = 0;
  for (const item of request.candidates) {
    const share = (allocation[item.protocol] ?? 0) / 10_000;
    const held = (request.current?.[item.protocol] ?? 0) / 10_000;
    const risk = (item.risk_score ?? 100) * request.limits.risk_aversion;
    value += share * (robustYield(item, request.limits) - risk);
    value -= Math.max(0, share - held) * annualMoveCost(request.costs);
  }
  return value;
}

/** Every limit written out again, independent of the optimiser's own checks. */
export function isAllowed(request: AllocationRequest, allocation: Readonly<Record<string, number>>): boolean {
  const byName = new Map(request.candidates.map((item) => [item.protocol, item]));
  const shares = Object.entries(allocation).filter(([, share]) => share !== 0);
  const risk = shares.reduce((sum, [name, share]) => sum + share * (byName.get(name)?.risk_score ?? 100), 0);
  return (
    shares.reduce((sum, [, share]) => sum + share, 0) === 10_000 &&
    shares.every(
      ([name, share]) =>
        Number.isInteger(share) &&
        share >= 100 &&
        share <= request.limits.max_single_bp &&
        byName.get(name)?.status === "active",
    ) &&
    shares.filter(([, share]) => share >= 1_000).length >= request.limits.min_diversification &&
    risk / 10_000 <= request.limits.max_portfolio_risk + 1e-6
  );
}

/** What rounding to whole basis points can cost: one point moved across the widest difference in reward. */
export function roundingLoss(request: AllocationRequest): number {
  const active = request.candidates.filter(({ status }) => status === "active");
  const rewards = active.map((item) => robustYield(item, request.limits));
  const risks = 100 * request.limits.risk_aversion;
  const widest = Math.max(...rewards) - Math.min(...rewards) + risks + annualMoveCost(request.costs);
  return widest * 1e-4 + 1e-6;
}

/** Every allocation in steps of 5 % over the given number of protocols. */
export function grid(count: number, left = 20): number[][] {
  if (count === 0) return left === 0 ? [[]] : [];
  if (count === 1) return [[left * 500]];
  return Array.from({ length: left + 1 }, (_, step) => step).flatMap((step) =>
    grid(count - 1, left - step).map((rest) => [step * 500, ...rest]),
  );
}

/** Shares in the order of the candidates as the record that a result has. */
export function named(request: AllocationRequest, shares: readonly number[]): Record<string, number> {
  return Object.fromEntries(request.candidates.map(({ protocol }, index) => [protocol, shares[index] ?? 0]));
}
