import { z } from "zod";
import {
  cursor,
  dataSource,
  granularity,
  monthFilter,
  nextCursor,
  protocolName,
  seriesLimit,
  storableText,
  timestamp,
} from "../common/common.schema.ts";
import { figure, whole } from "../figures/figures.ts";
import { servedBy } from "./forecasts.schema.ts";
import { forecastKind } from "./models.schema.ts";
import { suggestionFigures } from "./suggestion-history.schema.ts";

export const trackRecordInput = z
  .object({
    kind: forecastKind.optional(),
    protocol: protocolName.optional(),
    granularity: granularity.describe(
      "protocol: forecasts of the protocol's aggregate; market: those of its markets, pooled",
    ),
    limit: seriesLimit,
    cursor: cursor.optional(),
  })
  .meta({ id: "TrackRecordInput" })
  .prefault({});
export type TrackRecordInput = z.output<typeof trackRecordInput>;

/** Whose word it is that forecasts were there in time. */
export const attestation = {
  attestation: z
    .enum(["self_attested", "witnessed"])
    .describe(
      "witnessed: only forecasts count that a witness of the transparency log knew before the first day after as_of was over. self_attested: no witness is configured, all forecasts count, and when they were made is the service's own word",
    ),
  witnesses: z
    .array(z.string())
    .describe(
      "Keys of the configured witnesses (C2SP signed-note), one of which is enough; believe those that you know from elsewhere",
    ),
};

/** Lists of forecasts and figures about them can be limited to these. */
export const recordFilters = {
  model_version: storableText(200)
    .optional()
    .describe("Only forecasts of this model. Of one that nobody knows there is nothing"),
  month: monthFilter.describe("Only forecasts whose as_of is in this month (UTC), such as 2026-01"),
};

const frequency = figure("frequency").min(0).max(1).nullable();

const trackRecordFigures = z
  .object({
    n: whole("forecasts").describe("Forecasts whose outcome is known; the figures below are about these"),
    n_prospective: whole("forecasts").describe(
      "How many of these were made before target_at; history in a file is forecast in hindsight",
    ),
    n_pending: whole("forecasts").describe("Forecasts whose outcome is not due yet"),
    n_unobserved: whole("forecasts").describe("Forecasts that are due, but whose outcome was not observed"),
    n_unwitnessed: whole("forecasts").describe(
      "Forecasts that count nowhere else here, whatever became of them, since no witness knew them in time; 0 if self_attested",
    ),
    mae: figure("error")
      .nullable()
      .describe("Mean absolute error: score points for risk, percentage points of APY for yield"),
    baseline_mae: figure("error")
      .nullable()
      .describe("Mean absolute error of the naive forecasts made beside"),
    interval_level: frequency.describe("Coverage that the intervals promised"),
    coverage: frequency.describe("Share of the outcomes that were inside their interval"),
    mean_confidence: frequency.describe("The confidence that was stated, on average"),
    within_tolerance: frequency.describe(
      "Share of the outcomes within confidence_tolerance of the forecast: what mean_confidence promised",
    ),
    first_target_at: timestamp.nullable().describe("Target of the first scored forecast"),
    last_target_at: timestamp.nullable().describe("Target of the last scored forecast"),
  })
  .meta({ id: "TrackRecordFigures" });
export type TrackRecordFigures = z.output<typeof trackRecordFigures>;

const trackRecordItem = trackRecordFigures
  .extend({
    kind: forecastKind,
    protocol: protocolName,
    horizon_days: whole("days").describe("How far the forecasts reach"),
    by_served_by: z
      .array(trackRecordFigures.extend({ served_by: servedBy }).meta({ id: "TrackRecordPart" }))
      .describe("The same figures, separately for the forecasts of fitted models and those of the baseline"),
  })
  .meta({ id: "TrackRecordItem" });
export type TrackRecordItem = z.output<typeof trackRecordItem>;

export const trackRecord = z
  .object({
    data_source: dataSource,
    ...attestation,
    items: z.array(trackRecordItem),
    suggestions: z
      .array(suggestionFigures)
      .describe(
        "How suggestions did against holding, by what was advised and tolerance: all of them, on every page and whatever is asked for. Of a user's suggestions of a day the first counts",
      ),
    next_cursor: nextCursor,
  })
  .meta({ id: "TrackRecord" });
export type TrackRecord = z.output<typeof trackRecord>;

export const trackRecordPartsInput = z
  .object({
    by: z.enum(["model", "month"]).default("month").describe("What the forecasts are counted by"),
    kind: trackRecordInput.unwrap().shape.kind,
    protocol: trackRecordInput.unwrap().shape.protocol,
    granularity: trackRecordInput.unwrap().shape.granularity,
    limit: seriesLimit,
    cursor: cursor.optional(),
  })
  .meta({ id: "TrackRecordPartsInput" })
  .prefault({});
export type TrackRecordPartsInput = z.output<typeof trackRecordPartsInput>;

const trackRecordLine = trackRecordFigures
  .extend({
    kind: forecastKind,
    line: z
      .string()
      .describe(
        "By month that of as_of (UTC), such as 2026-01; by model its version. Limits GET /predictions/forecasts to the forecasts that the figures are about",
      ),
    horizon_days: whole("days").describe("How far the forecasts reach"),
  })
  .meta({ id: "TrackRecordLine" });
export type TrackRecordLine = z.output<typeof trackRecordLine>;

export const trackRecordParts = z
  .object({
    data_source: dataSource,
    ...attestation,
    items: z.array(trackRecordLine),
    suggestions: z
      .array(
        suggestionFigures
          .extend({ month: z.string().describe("In which they were made (UTC), such as 2026-01") })
          .meta({ id: "SuggestionFiguresOfMonth" }),
      )
      .describe(
        "By month, how suggestions did against holding, newest month first: all of them, on every page and whatever else is asked for. By model empty: they rest on two",
      ),
    next_cursor: nextCursor,
  })
  .meta({ id: "TrackRecordParts" });
export type TrackRecordParts = z.output<typeof trackRecordParts>;
