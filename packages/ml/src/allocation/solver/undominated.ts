import { wholeBp } from "../limits.ts";
import type { AllocationProblem } from "./solve-allocation.ts";

/**
 * The assets that some optimal allocation can be made of, by index. The others need not be
 * shown to the solver: leaving them out changes neither the optimum nor whether there is one.
 *
 * An asset that is not held dominates another that is not when it pays no less for no more risk; of two equals the
 * earlier one does. Take an optimum that uses asset j. Money can move from j to a dominator of j without loss, and
 * so j is spared unless its dominators cannot take all of it. They cannot when all of them are filled up to the cap,
 * hence fewer than 10000 / cap, rounded up; or when j is one of exactly `minDiversification` shares of 10 % and so
 * are all of them, hence fewer than `minDiversification`. With as many dominators as the larger of the two, j goes.
 * Dominators may be held: what they pay is then counted as if it had to be bought. What is held always stays.
 * O(n²) in the number of assets.
 */
export function undominated(problem: AllocationProblem): ReadonlySet<number> {
  const { assets, maxSingleBp, minDiversification } = problem;
  const enough = Math.max(1, minDiversification, Math.ceil(wholeBp / maxSingleBp));
  const isNeeded = (index: number, { reward, risk, currentBp }: AllocationProblem["assets"][number]) => {
    if (currentBp > 0) return true;
    const dominators = assets.filter((rival, other) => {
      if (rival.reward < reward || rival.risk > risk) return false;
      const isEqual = rival.reward === reward && rival.risk === risk;
      return isEqual ? other < index : true;
    });
    return dominators.length < enough;
  };
  return new Set(assets.flatMap((asset, index) => (isNeeded(index, asset) ? [index] : [])));
}
