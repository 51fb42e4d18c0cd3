import { applyRetention } from "@obsqra/platform";
import { sql } from "kysely";
import { recordActuals } from "../predictions/forecasts/actuals.service.ts";
import { rollBackModel } from "../predictions/models/model-commands.service.ts";
import type { DecidePromotion } from "../predictions/models/model-work.ts";
import { retrainModels } from "../predictions/models/retrain-models.service.ts";
import { predictionRetention } from "../predictions/retention.service.ts";
import { createTestApi, type TestApi } from "./create-test-api.ts";
import { forecastHere } from "./forecast-here.ts";
import { importLater } from "./import-later.ts";
import { trainOnce } from "./train-once.ts";

const { signal } = new AbortController();
const training = { horizonDays: 7, train: trainOnce, forecast: forecastHere };

/** Keeps the champion for risk, and lets the challenger for yield win. */
const promoteYield: DecidePromotion = (challenger) => ({
  promoted: challenger.kind === "yield",
  reason: challenger.kind === "yield" ? "beats_champion_and_baseline" : "not_better_than_champion",
  n: 130,
  challenger_mae: 0.5,
  champion_mae: 0.25,
  baseline_mae: 0.75,
});

/** A challenger that was rejected, and a champion that has forecast a day again that was on record, and was replaced. */
export async function createModelHistory(): Promise<TestApi> {
  const api = await createTestApi({ withForecasts: true });
  await importLater(api, 8);
  await retrainModels(api.deps, { ...training, decide: promoteYield });
  const change = { kind: "yield", horizonDays: 7, forecast: forecastHere } as const;
  const { from = "" } = await rollBackModel(api.deps, { ...change, version: undefined });
  await rollBackModel(api.deps, { ...change, version: from });
  await recordActuals(api.deps);
  return api;
}

/** Drops what is no longer needed of models and forecasts; gives how much it was. */
export function clearForecasts({ deps }: TestApi): Promise<number> {
  return applyRetention(deps, predictionRetention, signal);
}

/** All stored forecasts. */
export function listForecasts({ deps: { db } }: TestApi) {
  return db.selectFrom("predictions").selectAll().orderBy("id").execute();
}

/** The challengers that were rejected. */
export async function rejectedVersions({ deps: { db } }: TestApi): Promise<string[]> {
  const { rows } = await sql<{ version: string }>`select challenger_version as version from model_decisions
    where outcome = 'rejected' order by version`.execute(db);
  return rows.map(({ version }) => version);
}
