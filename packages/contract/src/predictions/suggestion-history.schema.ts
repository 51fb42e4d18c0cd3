import { z } from "zod";
import {
  cursor,
  dataSource,
  monthFilter,
  nextCursor,
  seriesLimit,
  timeOrder,
  timestamp,
} from "../common/common.schema.ts";
import { exact, figure, whole } from "../figures/figures.ts";
import { riskTolerance } from "../users/users.schema.ts";
import { suggestionOutcome } from "./suggestions.schema.ts";

export const suggestionHistoryInput = z
  .object({
    month: monthFilter.describe("Only suggestions that were made in this month (UTC), such as 2026-01"),
    sort: timeOrder,
    limit: seriesLimit,
    cursor: cursor.optional(),
  })
  .meta({ id: "SuggestionHistoryInput" })
  .prefault({});
export type SuggestionHistoryInput = z.output<typeof suggestionHistoryInput>;

const toldTolerance = riskTolerance
  .nullable()
  .describe(
    "Null, like size_class, unless five users or more were given a suggestion of the same tolerance, size and horizon on that day",
  );

/** With all digits: whoever computes the track record anew needs them. */
function recorded(unit: string) {
  return exact(unit, "for computing the track record anew");
}

const recordedInterval = z.object({
  level: recorded("probability, 0 to 1").describe("Probability that it is from lower to upper"),
  lower: recorded("percentage points of APY").describe("Where the interval begins"),
  upper: recorded("percentage points of APY").describe("Where the interval ends"),
});

const pastSuggestion = z
  .object({
    id: z.uuid().describe("Random; not the id of the suggestion, which only its user knows"),
    made_on: timestamp.describe("The day on which it was made, in UTC"),
    as_of: timestamp.describe("The newest day that its forecasts knew"),
    target_at: timestamp.describe("The last day on which it was followed"),
    horizon_days: whole("days").describe("Days from as_of to target_at"),
    risk_tolerance: toldTolerance,
    size_class: z
      .enum(["not_stated", "below_1000", "from_1000", "from_10000", "from_100000", "from_1000000"])
      .nullable()
      .describe("How much was to be allocated: from so many US dollars, up to the next class"),
    outcome: suggestionOutcome,
    forced: z.boolean().describe("Whether a limit or a status asked for the move, whatever it brings"),
    expected_improvement: recorded("percentage points of APY").describe(
      "What was promised of the best move that was found, percentage points of APY net of costs, whether it was advised or not",
    ),
    improvement_interval: recordedInterval
      .nullable()
      .describe("Holds the realised improvement with the probability level, percentage points of APY"),
    confidence: recorded("probability, 0 to 1")
      .min(0)
      .max(1)
      .describe("The stated probability that this move beats holding"),
    status: z
      .enum(["scored", "unobserved"])
      .describe("unobserved: the source has not observed for three months what was held"),
    realised: z
      .object({
        improvement: recorded("percentage points of APY").describe(
          "followed_apy less held_apy, percentage points",
        ),
        held_apy: recorded("percent a year").describe(
          "What was held before earned until target_at, percent a year",
        ),
        followed_apy: recorded("percent a year").describe(
          "What the best move earned, percent a year, less all costs of getting there",
        ),
        recorded_at: timestamp.describe("When that was recorded, with newer history"),
      })
      .nullable()
      .describe(
        "What came true: observed mean APYs, diluted by the user's own deposit as was foreseen, less the same impermanent loss and costs. Null unless status is scored; never changed",
      ),
    log_index: whole("position in the log")
      .min(0)
      .nullable()
      .describe(
        "Which entry of the transparency log has it, at /log/tile; null for a minute after it was recorded",
      ),
  })
  .meta({ id: "PastSuggestion" });
export type PastSuggestion = z.output<typeof pastSuggestion>;

export const suggestionHistory = z
  .object({ data_source: dataSource, items: z.array(pastSuggestion), next_cursor: nextCursor })
  .meta({ id: "SuggestionHistory" });
export type SuggestionHistory = z.output<typeof suggestionHistory>;

const frequency = figure("frequency").min(0).max(1).nullable();

export const suggestionFigures = z
  .object({
    outcome: suggestionOutcome.describe(
      "What was advised. Of hold, the figures are of the move that was not advised",
    ),
    forced: z.boolean().describe("Whether a limit or a status asked for the move, whatever it brings"),
    risk_tolerance: riskTolerance
      .nullable()
      .describe("Null for those of which it is not told, so that nobody stands out"),
    n: whole("suggestions").describe("Suggestions whose outcome is known; the figures below are about these"),
    n_prospective: whole("suggestions").describe("How many of these were made before the day of target_at"),
    n_unobserved: whole("suggestions").describe("Suggestions whose outcome was not observed"),
    promised_improvement: figure("apyPoints")
      .nullable()
      .describe("Mean of what was expected over holding, percentage points of APY net of costs"),
    realised_improvement: figure("apyPoints").nullable().describe("Mean of what came true, likewise"),
    held_apy: figure("apy").nullable().describe("Mean of what holding earned, percent a year"),
    followed_apy: figure("apy")
      .nullable()
      .describe("Mean of what following earned, percent a year, net of costs"),
    beat_holding: frequency.describe("Share that earned more than holding: what mean_confidence promised"),
    worst_improvement: figure("apyPoints").nullable().describe("The least that came true, percentage points"),
    interval_level: frequency.describe("Coverage that the intervals promised"),
    coverage: frequency.describe("Share of what came true that was inside its interval"),
    mean_confidence: frequency.describe("The confidence that was stated, on average"),
    first_target_at: timestamp.nullable().describe("Target of the first scored suggestion"),
    last_target_at: timestamp.nullable().describe("Target of the last scored suggestion"),
  })
  .meta({ id: "SuggestionFigures" });
export type SuggestionFigures = z.output<typeof suggestionFigures>;
