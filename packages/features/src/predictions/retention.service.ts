import type { RetentionRule } from "@obsqra/platform";
import {
  closeUnobservedForecasts,
  deleteUnrecordedForecasts,
  dropChallengerFiles,
} from "./retention.queries.ts";

/**
 * What goes of models and forecasts. What a receipt may have to show stays for good: forecasts on record with their
 * outcomes, the files of all models that have been live, and every decision. The database refuses to let go of these.
 */
export const predictionRetention: readonly RetentionRule[] = [
  {
    what: "files of models that were rejected and have forecast nothing; what was decided about them stays",
    days: 90,
    why: "an operator can still promote them for three months, and nothing else ever reads them",
    clear: dropChallengerFiles,
  },
  {
    what: "forecasts that are not on record and are no longer the newest of a live model",
    days: 90,
    why: "an earlier forecast of the same day stands in the track record, or they were stale when they were made",
    clear: deleteUnrecordedForecasts,
  },
  {
    what: "waiting for outcomes that the source has not observed; the forecasts stay, counted as unobserved",
    days: 90,
    why: "a feed that has left a day out for three months is not going to bring it",
    clear: closeUnobservedForecasts,
  },
];
