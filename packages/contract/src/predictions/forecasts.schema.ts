import { z } from "zod";
import { unknownInputs } from "../analytics/analytics.schema.ts";
import {
  cursor,
  dataSource,
  granularity,
  nextCursor,
  protocolName,
  seriesLimit,
  timestamp,
} from "../common/common.schema.ts";
import { exact, figure, whole } from "../figures/figures.ts";

export const forecastInput = z
  .object({
    protocol: protocolName.optional(),
    granularity,
    sort: z
      .enum(["protocol", "highest", "lowest"])
      .default("protocol")
      .describe("protocol: by protocol, then market; highest and lowest first are by the forecast value"),
    explain: z
      .boolean()
      .default(false)
      .describe("Whether each forecast is to say what it is made up of. Such items take twice the room"),
    limit: seriesLimit,
    cursor: cursor.optional(),
  })
  .meta({ id: "ForecastInput" })
  .prefault({});
export type ForecastInput = z.output<typeof forecastInput>;

/** Whether a fitted model has a share in the forecast, or naive forecasts alone are weighted. */
export const servedBy = z
  .enum(["model", "baseline"])
  .describe(
    "model when a fitted model is among the forecasters that are weighted; baseline when history was too short to fit one, and naive forecasts alone are weighted",
  );

export const forecastModel = z
  .object({
    version: z
      .string()
      .describe(
        "Content address: the same version always means the same model file, parameters and test figures; of older models, whose version ends in 12 digits, the same file",
      ),
    algorithm: z.string(),
    served_by: servedBy,
    baseline: z.string().describe("The best naive forecast of the walk-forward test"),
    trained_at: timestamp,
    artefact_sha256: z.string(),
    training_data_sha256: z.string(),
    model_mae: figure("error")
      .nullable()
      .describe(
        "Mean absolute error of what is served, the weighted forecast, in the walk-forward test; of models before the weights, of the fitted model alone, and null when history was too short",
      ),
    baseline_mae: figure("error").describe("Mean absolute error of the best baseline in the same test"),
    coverage_90: figure("frequency")
      .nullable()
      .describe("Share of the test's outcomes inside their 90 % interval"),
  })
  .meta({ id: "ForecastModel" });
export type ForecastModel = z.output<typeof forecastModel>;

/** Where the receipt of a forecast is, below the service's address. */
export function forecastReceiptPath(id: string): string {
  return `/api/v1/predictions/forecasts/${id}/receipt`;
}

/** What a forecast's confidence is. */
export const confidenceMeaning =
  "Probability, measured on past forecasts, that the outcome is within confidence_tolerance of the forecast";
export const confidenceToleranceMeaning =
  "How far from the forecast an outcome may be that confidence speaks of";

export const commonForecastFields = {
  id: z.uuid(),
  receipt: z
    .string()
    .describe(
      "Path of what proves that it was committed to the transparency log, for everybody, a minute after it was made",
    ),
  protocol: protocolName,
  market_id: z.string().nullable().describe("Null for a protocol's aggregate"),
  symbol: z.string().nullable(),
  as_of: timestamp.describe(
    "The newest day that the forecast knows; in UTC, it was over when the data was loaded",
  ),
  target_at: timestamp.describe("The moment that the forecast speaks about, or the end of its window"),
  stale: z
    .boolean()
    .describe("True when the forecast has run out, or the market had been silent for long; never advised on"),
  confidence: figure("probability").min(0).max(1).describe(confidenceMeaning),
  interval_level: figure("probability").describe("Probability that the outcome is from lower to upper"),
  served_by: servedBy,
  forecaster: z
    .object({
      weights: z
        .array(
          z
            .object({
              name: z.string().describe("A naive forecast, or model: the fitted model"),
              weight: figure("weight").min(0).max(1).describe("Its part of the forecast"),
            })
            .meta({ id: "ForecasterWeight" }),
        )
        .describe(
          "Largest first, summing to 1; learned from the outcomes known at as_of. Of a protocol, the mean over its markets, and what the protocol's own last value has beside them. Empty in forecasts stored before there were weights",
        ),
    })
    .meta({ id: "Forecaster" })
    .describe("Who made the forecast: it is the weighted mean of what these say"),
  model_version: z.string(),
};

/** What is in the unit of what is forecast. */
function measuredFields(kind: "apy" | "score") {
  const lower = figure(kind).describe("Where its interval begins");
  const upper = figure(kind).describe("Where its interval ends");
  const level = figure("probability").describe("Probability that the outcome is from lower to upper");
  return {
    confidence_tolerance: figure(kind === "apy" ? "apyPoints" : "score").describe(confidenceToleranceMeaning),
    lower,
    upper,
    intervals: z
      .array(z.object({ level, lower, upper }))
      .describe(
        "By ascending level, 50, 80, 90 and 95 %; empty in forecasts stored by versions that knew one interval only",
      ),
    explanation: forecastExplanation(kind)
      .meta({ id: kind === "apy" ? "YieldExplanation" : "RiskExplanation" })
      .nullable()
      .optional()
      .describe(
        "What the forecast is made up of, with explain=true; null in forecasts stored before it was recorded",
      ),
  };
}

function forecastExplanation(kind: "apy" | "score") {
  const points = kind === "apy" ? "apyPoints" : "score";
  return z.object({
    sentence: z.string().describe("The same in words"),
    naive: figure(kind).describe(
      "What the naive forecasts say, in the share that forecaster.weights gives them",
    ),
    start: figure(kind).describe(
      "What the fitted model would say if it knew nothing of the market but where it starts from, in its share",
    ),
    features: z
      .array(
        z.object({
          name: z.string(),
          meaning: z.string().describe("What the model reads there"),
          value: exact("as meaning says", "as the model reads it")
            .nullable()
            .describe(
              "What it is of this market, APYs, TVLs and ages as natural logs of 1 + their size; null where it is not known, and of a protocol",
            ),
          contribution: figure(points).describe("How far it moves the forecast from there"),
        }),
      )
      .describe("The eight that move it most, the largest first: exact Shapley values of the forests"),
    others: figure(points).describe(
      "How far all other features move it; with the rest it sums to the forecast",
    ),
  });
}

const forecastPage = {
  horizon_days: whole("days").describe("From as_of to target_at"),
  model: forecastModel,
  data_source: dataSource,
  next_cursor: nextCursor,
};

const riskForecastItem = z
  .object({
    ...commonForecastFields,
    ...measuredFields("score"),
    risk_score: figure("score").min(0).max(100).describe("Forecast RiskEngine score at target_at"),
    current_risk_score: figure("score").describe(
      "Today's: of a market its score, of a protocol the figure of the risk history and the dashboard",
    ),
    baseline_risk_score: figure("score").describe("What the naive forecast says"),
    unknown_inputs: unknownInputs,
    illiquidity_probability: figure("probability")
      .min(0)
      .max(1)
      .nullable()
      .describe(
        "Probability that the lending market is frozen, or its utilization exceeds 98 %, on a day of the 14 after as_of; null for a protocol's aggregate and for DEX pools",
      ),
  })
  .meta({ id: "RiskForecastItem" });
export type RiskForecastItem = z.output<typeof riskForecastItem>;

export const riskForecast = z
  .object({ ...forecastPage, items: z.array(riskForecastItem) })
  .meta({ id: "RiskForecast" });
export type RiskForecast = z.output<typeof riskForecast>;

const yieldForecastItem = z
  .object({
    ...commonForecastFields,
    ...measuredFields("apy"),
    apy: figure("apy").describe("Forecast mean APY from as_of to target_at, percent"),
    current_apy: figure("apy").describe(
      "Today's, percent: of a market its APY, at most 500, of a protocol the figure of the risk history and the dashboard",
    ),
    baseline_apy: figure("apy").describe("What the naive forecast says"),
  })
  .meta({ id: "YieldForecastItem" });
export type YieldForecastItem = z.output<typeof yieldForecastItem>;

export const yieldForecast = z
  .object({ ...forecastPage, items: z.array(yieldForecastItem) })
  .meta({ id: "YieldForecast" });
export type YieldForecast = z.output<typeof yieldForecast>;
