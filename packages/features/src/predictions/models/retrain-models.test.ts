import { createHash } from "node:crypto";
import { withoutRules } from "@obsqra/db/testing";
import { fixtureCsv } from "@obsqra/market/testing";
import type { TrainedModels } from "@obsqra/ml";
import { expect, it } from "vitest";
import { findImport } from "../../market/market.service.ts";
import {
  createTestApi,
  forecastHere,
  importCsv,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
  trainOnceWith,
} from "../../testing/index.ts";
import type { DecidePromotion, TrainModels } from "./model-work.ts";
import { loadLiveModels } from "./models.service.ts";
import { retrainModels } from "./retrain-models.service.ts";

const retraining = { horizonDays: 7, train: trainOnce, decide: promoteAlways, forecast: forecastHere };

const reject: DecidePromotion = () => ({
  promoted: false,
  reason: "not_better_than_champion",
  n: 130,
  challenger_mae: 0.5,
  champion_mae: 0.25,
  baseline_mae: 0.75,
});

async function newestImportId({ deps }: TestApi): Promise<string> {
  return (await findImport(deps, deps.marketSource))?.id ?? "";
}

/** The decisions of all tests' newest kind, oldest first. */
function decisions({ deps: { db } }: TestApi) {
  return db.selectFrom("model_decisions").selectAll().orderBy("sequence").execute();
}

it("keeps the champion live, with fresh forecasts, when the challenger is rejected, and needs no training at the next start", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const before = await ada.predictions.yield_forecast();
  await importLater(api, 7);
  const wanted = { horizonDays: 7, importId: await newestImportId(api) };
  expect(await loadLiveModels(api.deps, wanted)).toBeUndefined();
  const models = await retrainModels(api.deps, { ...retraining, decide: reject });
  expect(await loadLiveModels(api.deps, wanted)).toEqual(api.models);
  const after = await ada.predictions.yield_forecast();
  expect(models).toEqual(api.models);
  expect(after.model).toEqual(before.model);
  expect(after.items.map(({ as_of, stale }) => [as_of, stale])).toEqual([
    ...Array.from({ length: 3 }, () => ["2026-01-21T00:00:00.000Z", false]),
    ["2025-02-12T00:00:00.000Z", true],
  ]);
  const { items } = await ada.predictions.models({ kind: "yield" });
  expect(items).toHaveLength(2);
  expect(items[0]).toMatchObject({
    outcome: "rejected",
    reason: "not_better_than_champion",
    champion_version: before.model.version,
    compared: { n: 130, challenger_mae: 0.5, champion_mae: 0.25, baseline_mae: 0.75 },
    live_from: null,
    live_until: null,
  });
  expect(items[0]?.model.version).not.toBe(before.model.version);
});

it("takes the forecast of a market that fell silent for stale once its time is over", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importLater(api, 9);
  const silence = api.deps.db.deleteFrom("market_history").where("market_id", "like", "simulated:vesu:%");
  await silence.where("observed_at", ">", new Date("2026-01-15T00:00:00Z")).execute();
  await retrainModels(api.deps, { ...retraining, decide: reject });
  const ada = await api.signUp();
  const { items } = await ada.predictions.yield_forecast();
  expect(items.map(({ protocol, as_of, stale }) => [protocol, as_of.slice(0, 10), stale])).toEqual([
    ["ekubo", "2026-01-23", false],
    ["nostra", "2026-01-23", false],
    ["vesu", "2026-01-15", true],
    ["zklend", "2025-02-12", true],
  ]);
});

it("shows nothing from days that a file does not have any more", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  let trained: TrainedModels | undefined;
  const train: TrainModels = async (panel) => {
    trained ??= await trainOnceWith({ backtestDays: 14 })(panel);
    return trained;
  };
  const ada = await api.signUp();
  for (const days of [80, 90, 85]) {
    await importCsv(api, fixtureCsv({ shape: "dex", markets: 2, days, seed: 1 }));
    await retrainModels(api.deps, { ...retraining, train });
    const { items, data_source } = await ada.predictions.yield_forecast();
    expect(items[0]?.as_of.slice(0, 10)).toBe(data_source.as_of?.slice(0, 10));
  }
  expect((await decisions(api)).map(({ reason }) => reason)).toEqual([
    ...["first_model", "first_model"],
    ...Array.from({ length: 4 }, () => "same_as_champion"),
  ]);
});

it("decides about risk and yield apart, against the live model of each", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importLater(api, 7);
  const contests: (string | undefined)[][] = [];
  const decide: DecidePromotion = (challenger, champion, panel) => {
    contests.push([challenger.kind, champion?.version]);
    return challenger.kind === "risk"
      ? reject(challenger, champion, panel)
      : promoteAlways(challenger, champion, panel);
  };
  const live = await retrainModels(api.deps, { ...retraining, decide });
  expect(contests).toEqual([
    ["risk", api.models?.risk.version],
    ["yield", api.models?.yield.version],
  ]);
  expect(live.risk.version).toBe(api.models?.risk.version);
  expect(live.yield.version).not.toBe(api.models?.yield.version);
});

it("replaces a champion that cannot be read any more", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const artefact = Buffer.from("of a format that nobody reads any more");
  const artefact_sha256 = createHash("sha256").update(artefact).digest("hex");
  // As an earlier version of the program has named it.
  const version = `risk-${artefact_sha256.slice(0, 12)}`;
  await withoutRules(api.deps.db, async (trx) => {
    const older = { version, artefact, artefact_sha256, manifest_sha256: null };
    await trx.updateTable("models").set(older).where("kind", "=", "risk").execute();
    await trx.updateTable("model_promotions").set({ version }).where("kind", "=", "risk").execute();
  });
  const wanted = { horizonDays: 7, importId: await newestImportId(api) };
  expect(await loadLiveModels(api.deps, wanted)).toBeUndefined();
  await importLater(api, 7);
  const live = await retrainModels(api.deps, { ...retraining, decide: reject });
  expect(live.risk.version).not.toBe(api.models?.risk.version);
  expect(live.yield.version).toBe(api.models?.yield.version);
  expect((await decisions(api)).slice(2).map(({ kind, reason }) => [kind, reason])).toEqual([
    ["risk", "champion_unreadable"],
    ["yield", "not_better_than_champion"],
  ]);
});

it("promotes the first model of another horizon, and that of the previous horizon when it is wanted again", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const longer = await retrainModels(api.deps, {
    ...retraining,
    horizonDays: 8,
    train: trainOnceWith({ horizonDays: 8 }),
    decide: reject,
  });
  expect(longer.risk.header.horizon_days).toBe(8);
  expect(await retrainModels(api.deps, { ...retraining, decide: reject })).toEqual(api.models);
});

it("decides on nothing that was trained on history which is not the newest any more", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importLater(api, 7);
  let trainings = 0;
  const train: TrainModels = async (panel) => {
    trainings += 1;
    if (trainings === 1) await importLater(api, 8);
    return trainOnce(panel);
  };
  await retrainModels(api.deps, { ...retraining, train });
  expect(trainings).toBe(2);
  const newest = await newestImportId(api);
  expect((await decisions(api)).slice(2).map(({ import_id }) => import_id)).toEqual([newest, newest]);
});
