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
import { forecastFields } from "./forecasts.schema.ts";
import { forecastKind } from "./models.schema.ts";
import { attestation } from "./track-record.schema.ts";

export const forecastHistoryInput = z
  .object({
    kind: forecastKind.optional(),
    protocol: protocolName.optional(),
    market_id: marketFilter,
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

const pastForecast = z
  .object({
    id: forecastFields.id,
    kind: forecastKind,
    protocol: forecastFields.protocol,
    market_id: forecastFields.market_id,
    symbol: forecastFields.symbol,
    created_at: timestamp.describe(
      "When it was made. Prospective forecasts were made before target_at; history in a file is forecast in hindsight",
    ),
    as_of: forecastFields.as_of,
    target_at: forecastFields.target_at,
    horizon_days: z.int(),
    value: z
      .number()
      .describe(
        "Of risk the RiskEngine score at target_at, of yield the mean APY from as_of to target_at in percent; so are the bounds, the naive forecast and the outcome",
      ),
    lower: forecastFields.lower,
    upper: forecastFields.upper,
    interval_level: forecastFields.interval_level,
    confidence: forecastFields.confidence,
    confidence_tolerance: forecastFields.confidence_tolerance,
    baseline_value: z.number().describe("What the naive forecast says"),
    served_by: forecastFields.served_by,
    model_version: forecastFields.model_version,
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
        value: z.number().describe("What came true"),
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
