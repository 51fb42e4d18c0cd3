import { z } from "zod";
import {
  cursor,
  dataSource,
  granularity,
  marketFilter,
  nextCursor,
  protocolName,
  seriesLimit,
  timeOrder,
  timestamp,
} from "../common/common.schema.ts";
import { exact, figureRules, whole } from "../figures/figures.ts";
import { commonForecastFields, confidenceMeaning, confidenceToleranceMeaning } from "./forecasts.schema.ts";
import { forecastKind } from "./models.schema.ts";
import { attestation, recordFilters } from "./track-record.schema.ts";

export const forecastHistoryInput = z
  .object({
    kind: forecastKind.optional(),
    protocol: protocolName.optional(),
    market_id: marketFilter,
    ...recordFilters,
    granularity: granularity.describe(
      "protocol: forecasts of the protocols' aggregates; market: those of markets",
    ),
    sort: timeOrder,
    limit: seriesLimit,
    cursor: cursor.optional(),
  })
  .meta({ id: "ForecastHistoryInput" })
  .prefault({});
export type ForecastHistoryInput = z.output<typeof forecastHistoryInput>;

/** With all digits: whoever computes the track record anew needs them, and the receipt has the same. */
function recorded(unit: string = figureRules.error.unit) {
  return exact(unit, "for computing the track record anew, and comparing with the receipt");
}

const pastForecast = z
  .object({
    id: commonForecastFields.id,
    receipt: commonForecastFields.receipt,
    kind: forecastKind,
    protocol: commonForecastFields.protocol,
    market_id: commonForecastFields.market_id,
    symbol: commonForecastFields.symbol,
    created_at: timestamp.describe(
      "When it was made. Prospective forecasts were made before target_at; history in a file is forecast in hindsight",
    ),
    as_of: commonForecastFields.as_of,
    target_at: commonForecastFields.target_at,
    horizon_days: whole("days").describe("From as_of to target_at"),
    value: recorded().describe(
      "Of risk the RiskEngine score at target_at, of yield the mean APY from as_of to target_at in percent; so are the bounds, the naive forecast and the outcome",
    ),
    lower: recorded().describe("Where its interval begins"),
    upper: recorded().describe("Where its interval ends"),
    interval_level: recorded("probability, 0 to 1").describe(
      "Probability that the outcome is from lower to upper",
    ),
    confidence: recorded("probability, 0 to 1").min(0).max(1).describe(confidenceMeaning),
    confidence_tolerance: recorded().describe(confidenceToleranceMeaning),
    baseline_value: recorded().describe("What the naive forecast says"),
    served_by: commonForecastFields.served_by,
    model_version: commonForecastFields.model_version,
    status: z
      .enum(["scored", "pending", "unobserved", "unwitnessed"])
      .describe(
        "scored: the outcome is known; pending: it is not due yet; unobserved: it is due, but was not observed; unwitnessed: no witness knew the forecast in time, so that it does not count",
      ),
    witnessed_at: timestamp
      .nullable()
      .describe(
        "Since when one of the witnesses knows the transparency log with this forecast; null where none does",
      ),
    outcome: z
      .object({
        value: recorded().describe("What came true"),
        recorded_at: timestamp.describe("When that was recorded, with newer history"),
      })
      .nullable()
      .describe("Null while it is not known; never changed"),
  })
  .meta({ id: "PastForecast" });
export type PastForecast = z.output<typeof pastForecast>;

export const forecastHistory = z
  .object({ data_source: dataSource, ...attestation, items: z.array(pastForecast), next_cursor: nextCursor })
  .meta({ id: "ForecastHistory" });
export type ForecastHistory = z.output<typeof forecastHistory>;
