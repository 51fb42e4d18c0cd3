import { type AnyJob, defineJob } from "@obsqra/platform";
import { z } from "zod";
import { checkRebalances, type RebalanceCheckDependencies } from "./advice/rebalance-checks.service.ts";
import { type RenewDependencies, renewForecasts } from "./forecasts/renew-forecasts.service.ts";
import type { ModelWork } from "./models/model-work.ts";
import { retrainModels } from "./models/retrain-models.service.ts";
import {
  type SuggestionScoreDependencies,
  scoreSuggestions,
} from "./track-record/suggestion-scores.service.ts";

/** What the jobs of forecasts use. */
export interface PredictionJobDependencies extends RenewDependencies {
  /** How many days ahead is forecast. */
  readonly horizonDays: number;
  /** Opens a thread for the heavy work, which ends when the signal aborts. */
  readonly openModelWork: (signal: AbortSignal) => ModelWork & AsyncDisposable;
}

/** Keeps forecasts, their outcomes and the models up to date with the market history. */
export const renewForecastsJob: AnyJob<PredictionJobDependencies> = defineJob({
  name: "predictions.renew",
  summary: "Records outcomes, trains where that is due, and forecasts from the newest market history.",
  schema: z.strictObject({}),
  // After every import it is sent at once; this is for what was missed then.
  schedule: "*/10 * * * *",
  // Training takes minutes where there are thousands of markets.
  expireSeconds: 60 * 60,
  run: async (deps, { signal, send }) => {
    const renewed = await renewForecasts(deps, {
      horizonDays: deps.horizonDays,
      openWork: () => deps.openModelWork(signal),
    });
    if (renewed.outcome !== "unchanged") deps.log.info(renewed, "Forecasts were renewed.");
    if (renewed.outcome === "forecast" || renewed.outcome === "trained") {
      await send(checkRebalancesJob.name);
      await send(scoreSuggestionsJob.name);
    }
    return renewed;
  },
});

/** Tells those who have asked for it when a move is advised. */
export const checkRebalancesJob: AnyJob<RebalanceCheckDependencies> = defineJob({
  name: "rebalances.check",
  summary: "Checks what users hold who have asked for it, and suggests moves; nothing moves money.",
  schema: z.strictObject({}),
  // After forecasts it is sent at once; this is for what was missed then.
  schedule: "27 * * * *",
  expireSeconds: 60 * 60,
  run: async (deps, { signal }) => checkRebalances(deps, signal),
});

/** Says how often suggestions were right. */
export const scoreSuggestionsJob: AnyJob<SuggestionScoreDependencies> = defineJob({
  name: "suggestions.score",
  summary:
    "Puts suggestions whose horizon has ended on record, with what following them brought beside holding.",
  schema: z.strictObject({}),
  // After forecasts it is sent at once; this is for what was missed then.
  schedule: "43 * * * *",
  expireSeconds: 60 * 60,
  run: async (deps, { signal }) => scoreSuggestions(deps, signal),
});

/** Trains, whether it is due or not. */
export const trainModelsJob: AnyJob<PredictionJobDependencies> = defineJob({
  name: "predictions.train",
  summary: "Trains models on the newest market history, whether that is due or not, and decides about them.",
  schema: z.strictObject({}),
  expireSeconds: 60 * 60,
  run: async (deps, { signal }) => {
    await using work = deps.openModelWork(signal);
    const live = await retrainModels(deps, { ...work, horizonDays: deps.horizonDays });
    return { live_models: { risk: live.risk.version, yield: live.yield.version } };
  },
});
