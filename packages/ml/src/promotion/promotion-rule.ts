/** A model must cut the best baseline's error by this share to be served; a smaller gain may be luck. */
export const promotionGainMin = 0.005;

/** Nobody is judged on outcomes of fewer days than this. */
export const comparedDaysMin = 5;

/** Why a challenger became the champion, or did not. */
export type PromotionReason =
  | "first_model"
  | "beats_champion_and_baseline"
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

/**
 * The rule of promotion. A challenger that serves its model has beaten the best baseline by
 * {@link promotionGainMin} in its walk-forward test; it must also err less than the champion on the outcomes that the
 * champion had not learned from. A challenger that serves a baseline takes over only from a champion that has
 * fallen behind it. Until there are outcomes of five days to compare on, the champion stays.
 */
export function promotionOf(
  errors: ComparedErrors,
  servedBy: { challenger: "model" | "baseline" },
): PromotionDecision {
  const n = errors.days.length;
  const challengerError = meanOrNull(errors.challenger);
  const championError = errors.champion === undefined ? null : meanOrNull(errors.champion);
  const figures = {
    n,
    challenger_mae: challengerError,
    champion_mae: championError,
    baseline_mae: meanOrNull(errors.baseline),
  };
  if (errors.champion === undefined) return { promoted: true, reason: "first_model", ...figures };
  if (challengerError === null || championError === null || new Set(errors.days).size < comparedDaysMin) {
    return { promoted: false, reason: "too_few_outcomes", ...figures };
  }
  const better = challengerError < championError;
  if (servedBy.challenger === "baseline") {
    return better
      ? { promoted: true, reason: "champion_fell_behind_baseline", ...figures }
      : { promoted: false, reason: "not_better_than_baseline", ...figures };
  }
  return better
    ? { promoted: true, reason: "beats_champion_and_baseline", ...figures }
    : { promoted: false, reason: "not_better_than_champion", ...figures };
}

function meanOrNull(errors: Float64Array): number | null {
  if (errors.length === 0) return null;
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
