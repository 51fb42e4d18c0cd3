import { sum } from "../numbers.ts";
import type { MarketSolution } from "./market-program.ts";
import type { MarketProblem, Place } from "./share-program.ts";
import { wholeBp } from "./tolerances.ts";

/** How far above its cap a portfolio risk may be counted as equal to it, risk points: floating-point noise. */
export const riskNoiseTolerance = 1e-6;

/** How close to a whole basis point a share counts as whole: the solver's own feasibility tolerance is 1e-7. */
const wholeShareToleranceBp = 1e-5;

/**
 * Rounds optimal shares to whole basis points summing to 10000 and keeps every limit.
 *
 * Largest remainder first: every share is floored and the missing points go to the largest fractions. If that
 * lifts the portfolio risk over its cap, the points go to the least risky of the fractional shares instead.
 * Either way shares move by less than one point and only where they are fractional, so bounds that are whole
 * numbers (the cap, 10 %, 1 %, zero) cannot be crossed; and the second way cannot exceed the risk of the fractional
 * shares, since it picks the least of Σ xᵢ·riskᵢ over 0 ≤ xᵢ ≤ 1 with the same sum. Hence limits that hold before
 * rounding hold after. Ties go to the earlier share. O(n log n).
 */
export function roundShares(shares: readonly number[], risks: readonly number[], maxRisk: number): number[] {
  const fractional = shares.map((share, index) => {
    const nearest = Math.round(share);
    const whole = Math.abs(share - nearest) <= wholeShareToleranceBp ? nearest : Math.floor(share);
    return { index, whole, fraction: Math.max(0, share - whole), risk: risks[index] ?? 0 };
  });
  const rounded = fractional.map(({ whole }) => whole);
  const missing = wholeBp - rounded.reduce((sum, share) => sum + share, 0);
  const movable = fractional.filter(({ fraction }) => fraction > wholeShareToleranceBp);
  const largestFirst = movable.toSorted((left, right) => right.fraction - left.fraction);
  const result = withPoints(rounded, largestFirst.slice(0, missing));
  const risk = result.reduce((sum, share, index) => sum + share * (risks[index] ?? 0), 0) / wholeBp;
  if (risk <= maxRisk + riskNoiseTolerance) return result;
  const safestFirst = movable.toSorted((left, right) => left.risk - right.risk);
  return withPoints(rounded, safestFirst.slice(0, missing));
}

function withPoints(shares: readonly number[], lucky: readonly { readonly index: number }[]): number[] {
  const result = [...shares];
  for (const { index } of lucky) result[index] = (result[index] ?? 0) + 1;
  return result;
}

/** Whole basis points within the caps; what is lost goes to the part that is not allocated. */
export function roundWithinCaps(
  places: readonly Place[],
  { shares }: MarketSolution,
  { maxRisk, protocolCaps, chainCaps }: Pick<MarketProblem, "maxRisk" | "protocolCaps" | "chainCaps">,
): number[] {
  const unallocated = Math.max(0, wholeBp - sum(shares));
  const risks = [...places.map(({ risk }) => risk), 0];
  const rounded = roundShares([...shares, unallocated], risks, maxRisk).slice(0, places.length);
  // Two shares of one protocol, or on one chain, may both have been rounded up.
  const keep = (caps: ReadonlyMap<string, number>, nameOf: (place: Place) => string) => {
    const totals = new Map<string, number>();
    for (const [index, place] of places.entries()) {
      totals.set(nameOf(place), (totals.get(nameOf(place)) ?? 0) + (rounded[index] ?? 0));
    }
    for (const [index, place] of places.entries()) {
      const total = totals.get(nameOf(place)) ?? 0;
      if (total <= (caps.get(nameOf(place)) ?? wholeBp) || (rounded[index] ?? 0) <= (shares[index] ?? 0))
        continue;
      rounded[index] = (rounded[index] ?? 0) - 1;
      totals.set(nameOf(place), total - 1);
    }
  };
  keep(protocolCaps, ({ protocol }) => protocol);
  keep(chainCaps, ({ chain }) => chain ?? "");
  return rounded;
}
