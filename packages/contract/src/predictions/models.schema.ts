import { z } from "zod";
import { dataSource, filterMoment, nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { exact, figure, whole } from "../figures/figures.ts";
import { forecastModel } from "./forecasts.schema.ts";

/** What is forecast. */
export const forecastKind = z
  .enum(["risk", "yield"])
  .describe("risk: the RiskEngine score; yield: the mean APY");
export type ForecastKind = z.output<typeof forecastKind>;

export const modelRecordsInput = z
  .object({
    kind: forecastKind.optional(),
    live_at: filterMoment.optional().describe("Only the models that were live at this moment"),
    ...timePageFields,
  })
  .meta({ id: "ModelRecordsInput" })
  .prefault({});
export type ModelRecordsInput = z.output<typeof modelRecordsInput>;

/** How a model was trained, by parameter. */
export const modelParameters = z
  .record(
    z.string(),
    z.union([z.string(), exact("as its name says", "training again takes exactly these"), z.boolean()]),
  )
  .describe("How the model was trained, by parameter");

export const modelDecisionReason = z
  .enum([
    "first_model",
    "beats_champion_and_baseline",
    "as_good_as_champion",
    "not_better_than_baseline",
    "not_better_than_champion",
    "too_few_outcomes",
    "champion_fell_behind_baseline",
    "champion_unreadable",
    "same_as_champion",
    "by_operator",
    "not_compared",
  ])
  .describe(
    "as_good_as_champion: the newer model errs at most 5 % more than the champion, and has learned from more. too_few_outcomes: promoted when its own test speaks for it. champion_unreadable: the champion was made by another version of the program. same_as_champion: training gave the model that is live already. by_operator: by command, whatever the figures. not_compared: before models were compared",
  )
  .meta({ id: "ModelDecisionReason" });
export type ModelDecisionReason = z.output<typeof modelDecisionReason>;

const modelRecord = z
  .object({
    id: z.uuid(),
    kind: forecastKind,
    horizon_days: whole("days").describe("How far it forecasts"),
    model: forecastModel,
    parameters: modelParameters,
    feature_importances: z
      .array(
        z
          .object({
            name: z.string(),
            meaning: z.string().describe("What the model reads there"),
            share: figure("frequency").min(0).max(1).describe("Its share in all that moves the model"),
          })
          .meta({ id: "FeatureImportance" }),
      )
      .nullable()
      .describe(
        "Of the fitted model, the largest first: mean absolute contributions to its forecasts of the newest day it was trained on. Null where nothing was fitted, and of older models",
      ),
    outcome: z
      .enum(["promoted", "rejected", "rolled_back"])
      .describe(
        "promoted and rolled_back: the model is live from then on; rejected: the one before stays live",
      ),
    reason: modelDecisionReason,
    decided_at: timestamp,
    champion_version: z.string().nullable().describe("The model that was live until then"),
    compared: z
      .object({
        n: whole("forecasts").describe("Forecasts that the models were compared on; 0 when nothing was"),
        challenger_mae: figure("error")
          .nullable()
          .describe("Mean absolute error of the model on these forecasts"),
        champion_mae: figure("error").nullable().describe("That of the model that was live until then"),
        baseline_mae: figure("error")
          .nullable()
          .describe(
            "That of the best naive forecast on the same forecasts; a model beats it on all of its walk-forward test, which may be longer",
          ),
      })
      .meta({ id: "ModelComparison" }),
    live_from: timestamp
      .nullable()
      .describe("Since when the model is or was live; null when it was rejected"),
    live_until: timestamp.nullable().describe("Until when; null when it is still live, or was rejected"),
  })
  .meta({ id: "ModelRecord" });
export type ModelRecord = z.output<typeof modelRecord>;

export const modelRecords = z
  .object({ data_source: dataSource, items: z.array(modelRecord), next_cursor: nextCursor })
  .meta({ id: "ModelRecords" });
export type ModelRecords = z.output<typeof modelRecords>;
