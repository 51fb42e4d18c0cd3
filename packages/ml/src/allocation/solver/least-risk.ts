import { diversifyingShareBp, wholeBp } from "../limits.ts";
import type { AllocationProblem } from "./solve-allocation.ts";

/** Shares that keep every limit but perhaps that of the risk, in whole basis points, in the order of the assets. */
export type Shares = readonly number[];

/** Basis points times risk points by which a sum of doubles may be off. */
const sumTolerance = 1e-6;

/**
 * The mix with the least risk that keeps the limits on shares, whatever it earns; undefined when no mix does. So it tells, in
 * O(n²) and without a programme, whether a problem has a solution.
 *
 * For a number of held assets m, it is no worse to hold the m least risky ones, since a share can move to a less risky
 * asset that is not held as it is. Among them, no fewer than `minDiversification` begin with 10 % and the others with
 * the smallest share, the least risky ones with the larger, and what is left fills them up in the same order.
 */
export function leastRisk(problem: AllocationProblem): Shares | undefined {
  const { assets } = problem;
  const safestFirst = [...assets.keys()].toSorted(
    (left, right) => (assets[left]?.risk ?? 0) - (assets[right]?.risk ?? 0) || left - right,
  );
  let best: { readonly shares: Shares; readonly risk: number } | undefined;
  for (let held = 1; held <= assets.length; held += 1) {
    const filled = fill(problem, held);
    if (filled === undefined) continue;
    const shares = assets.map(() => 0);
    for (const [place, share] of filled.entries()) shares[safestFirst[place] ?? 0] = share;
    const risk = shares.reduce((sum, share, index) => sum + share * (assets[index]?.risk ?? 0), 0);
    if (best === undefined || risk < best.risk) best = { shares, risk };
  }
  return best === undefined || best.risk > problem.maxRisk * wholeBp + sumTolerance ? undefined : best.shares;
}

/** Shares of so many held assets, the least risky one first; undefined when they cannot sum to the whole. */
function fill({ minDiversification, minShareBp, maxSingleBp }: AllocationProblem, held: number) {
  if (held < minDiversification) return undefined;
  const shares = Array.from({ length: held }, (_, place) =>
    place < minDiversification ? Math.max(diversifyingShareBp, minShareBp) : minShareBp,
  );
  if (shares.some((share) => share > maxSingleBp)) return undefined;
  let left = wholeBp - shares.reduce((sum, share) => sum + share, 0);
  if (left < 0) return undefined;
  for (const [place, share] of shares.entries()) {
    const more = Math.min(left, maxSingleBp - share);
    shares[place] = share + more;
    left -= more;
  }
  return left > 0 ? undefined : shares;
}
