import { applyRetention } from "@obsqra/platform";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi, forecastHere, importLater, type TestApi, trainOnce } from "../testing/index.ts";
import { recordActuals } from "./actuals.service.ts";
import { rollBackModel } from "./model-commands.service.ts";
import type { DecidePromotion } from "./model-work.ts";
import { predictionRetention } from "./retention.service.ts";
import { retrainModels } from "./retrain-models.service.ts";

const dayMs = 86_400_000;
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
async function createHistory(): Promise<TestApi> {
  const api = await createTestApi({ withForecasts: true });
  await importLater(api, 8);
  await retrainModels(api.deps, { ...training, decide: promoteYield });
  const change = { kind: "yield", horizonDays: 7, forecast: forecastHere } as const;
  const { from = "" } = await rollBackModel(api.deps, { ...change, version: undefined });
  await rollBackModel(api.deps, { ...change, version: from });
  await recordActuals(api.deps);
  return api;
}

function clear({ deps }: TestApi): Promise<number> {
  return applyRetention(deps, predictionRetention, signal);
}

function forecasts({ deps: { db } }: TestApi) {
  return db.selectFrom("predictions").selectAll().orderBy("id").execute();
}

async function rejectedVersions({ deps: { db } }: TestApi): Promise<string[]> {
  const { rows } = await sql<{ version: string }>`select challenger_version as version from model_decisions
    where outcome = 'rejected' order by version`.execute(db);
  return rows.map(({ version }) => version);
}

it("clears each row once beside another server that does the same, and stops when it is told to", async () => {
  await using api = await createHistory();
  api.clock.advance(90 * dayMs);
  expect(await applyRetention(api.deps, predictionRetention, AbortSignal.abort())).toBe(0);
  const before = (await forecasts(api)).length;
  const cleared = await Promise.all([clear(api), clear(api)]);
  const files = (await rejectedVersions(api)).length;
  expect(cleared[0] + cleared[1]).toBe(before - (await forecasts(api)).length + files);
});

it("lets go of no file of a model that has been live and of no forecast on record, whoever asks", async () => {
  await using api = await createHistory();
  const { db } = api.deps;
  for (const statement of [
    "update models set artefact = null",
    "delete from models",
    "delete from predictions where on_record",
    "update predictions set closed_at = null, value = value + 1",
    "update predictions set actual_value = null, actual_at = null where actual_value is not null",
  ]) {
    await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: "23001" });
  }
});
