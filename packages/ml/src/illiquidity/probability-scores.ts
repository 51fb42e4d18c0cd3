import { createRandom } from "@obsqra/forest";
import type { ReliabilityBin } from "../calibration/reliability.ts";
import { log, square } from "../deterministic-math.ts";
import { at } from "../numbers.ts";

/** Stated probabilities are kept this far from 0 and 1 in the logarithmic score, which is infinite for a wrong certainty. */
const logLossMargin = 1e-6;

/** Mean squared error of probabilities against outcomes 0 or 1, 0 to 1 (Brier, 1950). NaN without forecasts. */
export function brierScore(probabilities: ArrayLike<number>, outcomes: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < outcomes.length; index += 1) {
    sum += square(at(probabilities, index) - at(outcomes, index));
  }
  return sum / outcomes.length;
}

/** Sums of squared errors of a fold: of a forecaster and of the reference. */
interface FoldErrors {
  own: number;
  reference: number;
}

const draws = 1_000;

/**
 * A 95 % interval of the skill 1 − Σ own / Σ reference, by drawing as many folds with replacement (Efron and Tibshirani, "An Introduction to
 * the Bootstrap", 1993): forecasts of a fold share their days, so that folds are drawn and not forecasts. The same folds give the same interval.
 */
export function skillInterval(folds: readonly FoldErrors[]): [low: number, high: number] {
  const random = createRandom(1);
  const skills = Float64Array.from({ length: draws }, () => {
    let own = 0;
    let reference = 0;
    for (let drawn = 0; drawn < folds.length; drawn += 1) {
      const fold = folds[random.nextInt(folds.length)];
      own += fold?.own ?? 0;
      reference += fold?.reference ?? 0;
    }
    return 1 - own / reference;
  }).sort();
  return [at(skills, 0.025 * draws), at(skills, 0.975 * draws - 1)];
}

/** The sum of squared errors of some of the forecasts. */
export function squaredErrors(
  members: readonly number[],
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
): number {
  return members.reduce((sum, index) => sum + square(at(probabilities, index) - at(outcomes, index)), 0);
}

/** Mean negative natural logarithm of the probability given to what happened; NaN without forecasts. */
export function logLoss(probabilities: ArrayLike<number>, outcomes: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < outcomes.length; index += 1) {
    const stated = at(probabilities, index);
    sum -= log(Math.max(logLossMargin, at(outcomes, index) === 1 ? stated : 1 - stated));
  }
  return sum / outcomes.length;
}

/** Fine near 0, where probabilities of rare events crowd. */
const reliabilityEdges = [0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1];

/**
 * A reliability table (Murphy and Winkler, 1977) in bins of [from, to), the last one including 1; empty bins are left out.
 * Well calibrated: `observed` is close to `stated` in every bin with many forecasts.
 */
export function rareEventReliability(
  probabilities: readonly number[],
  outcomes: readonly number[],
): ReliabilityBin[] {
  return reliabilityEdges.slice(0, -1).flatMap((from, index) => {
    const to = at(reliabilityEdges, index + 1);
    const members = probabilities.flatMap((stated, position) =>
      stated >= from && (stated < to || (to === 1 && stated === 1)) ? [position] : [],
    );
    const share = (values: readonly number[]) =>
      members.reduce((sum, position) => sum + at(values, position), 0) / members.length;
    return members.length === 0
      ? []
      : [{ from, to, n: members.length, stated: share(probabilities), observed: share(outcomes) }];
  });
}
