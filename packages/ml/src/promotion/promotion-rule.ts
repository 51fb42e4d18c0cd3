/**
 * A challenger may err this share more than the champion and still replace it: its test is made by fits that are older than the
 * champion, while it has itself learned from everything that the champion knows, and more.
 */
export const promotionLossMax = 0.05;

/** Nobody is judged on outcomes of fewer days than this. */
export const comparedDaysMin = 5;

/** Why a challenger became the champion, or did not. */
export type PromotionReason =
  | "first_model"
  | "beats_champion_and_baseline"
  | "as_good_as_champion"
  | "not_better_than_baseline"
  | "not_better_than_champion"
  | "too_few_outcomes"
  | "champion_fell_behind_baseline"
  | "champion_unreadable";

/** The verdict on a challenger, with the figures that it rests on. */
export interface PromotionDecision {
  /** Whether the challenger becomes the champion. */
  promoted: boolean;
  reason: PromotionReason;
  /** Forecasts that both were compared on; the challenger's own test when there was no champion. */
  n: number;
  /** Mean absolute errors on these forecasts; null without any. */
  challenger_mae: number | null;
  champion_mae: number | null;
  baseline_mae: number | null;
}

/** Absolute errors of forecasts that neither champion nor challenger had learned from; arrays are aligned. */
export interface ComparedErrors {
  days: Int32Array;
  challenger: Float64Array;
  /** Undefined when there is no champion yet. */
  champion: Float64Array | undefined;
  /** Of the best baseline. */
  baseline: Float64Array;
}

/** The errors of the challenger and of the best baseline in the challenger's whole walk-forward test. */
export interface TestErrors {
  challenger: number;
  baseline: number;
}

/**
 * The rule of promotion. What a model serves is weighted against the baselines by outcomes (see `expert-combination.ts`), so it does
 * not have to beat them first. A newer model replaces the champion unless it is clearly worse: unless it errs more than
 * {@link promotionLossMax} above the champion on the outcomes that the champion had not learned from, or, while there are outcomes
 * of fewer than five days to compare on, above the best baseline in its own test. A challenger without a fitted model takes
 * over only from a champion that has fallen behind it.
 */
export function promotionOf(
  errors: ComparedErrors,
  challenger: { servedBy: "model" | "baseline"; test: TestErrors },
): PromotionDecision {
  const n = errors.days.length;
  const challengerError = meanOrNull(errors.challenger);
  const championError = errors.champion === undefined ? null : meanOrNull(errors.champion);
  const baselineError = meanOrNull(errors.baseline);
  const figures = {
    n,
    challenger_mae: challengerError,
    champion_mae: championError,
    baseline_mae: baselineError,
  };
  if (errors.champion === undefined) return { promoted: true, reason: "first_model", ...figures };
  const isModel = challenger.servedBy === "model";
  if (
    challengerError === null ||
    championError === null ||
    baselineError === null ||
    new Set(errors.days).size < comparedDaysMin
  ) {
    const { test } = challenger;
    return {
      promoted: isModel && test.challenger <= test.baseline * (1 + promotionLossMax),
      reason: "too_few_outcomes",
      ...figures,
    };
  }
  const better = challengerError < championError;
  if (!isModel) {
    return better
      ? { promoted: true, reason: "champion_fell_behind_baseline", ...figures }
      : { promoted: false, reason: "not_better_than_baseline", ...figures };
  }
  if (challengerError > championError * (1 + promotionLossMax)) {
    return { promoted: false, reason: "not_better_than_champion", ...figures };
  }
  const beatsBoth = better && challengerError < baselineError;
  return {
    promoted: true,
    reason: beatsBoth ? "beats_champion_and_baseline" : "as_good_as_champion",
    ...figures,
  };
}

function meanOrNull(errors: Float64Array): number | null {
  if (errors.length === 0) return null;
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
