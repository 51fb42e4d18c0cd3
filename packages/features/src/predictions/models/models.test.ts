import { createHash } from "node:crypto";
import { withoutRules } from "@obsqra/db/testing";
import { createSimulatedSource } from "@obsqra/market";
import { loadModel } from "@obsqra/ml";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { importDataset } from "../../market/import.service.ts";
import { findImport } from "../../market/market.service.ts";
import {
  codeOf,
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../../testing/index.ts";
import { loadLiveModels } from "./models.service.ts";
import { retrainModels } from "./retrain-models.service.ts";

const retraining = { horizonDays: 7, train: trainOnce, decide: promoteAlways, forecast: forecastHere };

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The live models, as a start of the server would load them. */
async function loadModels({ deps }: TestApi, horizonDays = 7) {
  const latest = await findImport(deps, deps.marketSource);
  return loadLiveModels(deps, { horizonDays, importId: latest?.id ?? "" });
}

function storedModels({ deps: { db } }: TestApi) {
  return db.selectFrom("models").selectAll().orderBy("kind").execute();
}

async function countPredictions({ deps: { db } }: TestApi): Promise<number> {
  return (await db.selectFrom("predictions").select("id").execute()).length;
}

it("tells of the import, of what became live and of what was forecast, in events", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db } = api.deps;
  const told = await db
    .selectFrom("events")
    .select(["type", "subject", "payload"])
    .where("owner_id", "is", null)
    .where("type", "in", ["market_data.imported", "model.promoted", "forecasts.published"])
    .orderBy("sequence")
    .execute();
  const imported = (await findImport(api.deps, "simulated"))?.id ?? "";
  const published = await db
    .selectFrom("predictions")
    .select(({ fn }) => ["model_version", fn.countAll<string>().as("count")])
    .groupBy("model_version")
    .execute();
  const countOf = new Map(published.map(({ model_version, count }) => [model_version, Number(count)]));
  const ofKind = (kind: "risk" | "yield") => {
    const version = api.models?.[kind].version ?? "";
    return [
      { type: "model.promoted", subject: version, payload: expect.objectContaining({ kind }) },
      {
        type: "forecasts.published",
        subject: version,
        payload: { kind, source: "simulated", import_id: imported, count: countOf.get(version) },
      },
    ];
  };
  expect(told).toEqual([
    {
      type: "market_data.imported",
      subject: imported,
      payload: { source: "simulated", markets: 13, observed_until: "2026-01-15T00:00:00.000Z" },
    },
    ...ofKind("risk"),
    ...ofKind("yield"),
  ]);
});

it("stores model files whose bytes match their hash, and are the live models", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const stored = await storedModels(api);
  expect(stored.map(({ kind }) => kind)).toEqual(["risk", "yield"]);
  for (const { kind, version, artefact_sha256, ...model } of stored) {
    const artefact = model.artefact ?? new Uint8Array();
    expect(sha256(artefact)).toBe(artefact_sha256);
    const { header } = loadModel({ version, artefact });
    expect({ version, header }).toEqual(api.models?.[kind]);
  }
  expect(await loadModels(api)).toEqual(api.models);
});

it("loads no models that forecast another horizon, or that have not learned from the newest import", async () => {
  await using api = await createTestApi({ withForecasts: true });
  expect(await loadModels(api, 14)).toBeUndefined();
  await importLater(api, 7);
  expect(await loadModels(api)).toBeUndefined();
  expect(await retrainModels(api.deps, retraining)).toEqual(await loadModels(api));
});

it("refuses a model file of which a byte was changed", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const [risk] = await storedModels(api);
  const artefact = Uint8Array.from(risk?.artefact ?? []);
  artefact[artefact.length >> 1] = (artefact[artefact.length >> 1] ?? 0) ^ 1;
  await withoutRules(api.deps.db, async (trx) => {
    await trx.updateTable("models").set({ artefact }).where("kind", "=", "risk").execute();
  });
  await expect(loadModels(api)).rejects.toThrow("does not match its hash");
});

it("refuses a model file that was exchanged for another good one together with its hash", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const [risk, other] = await storedModels(api);
  const { artefact, artefact_sha256 } = other ?? {};
  await withoutRules(api.deps.db, async (trx) => {
    const changed = { artefact, artefact_sha256 };
    await trx
      .updateTable("models")
      .set(changed)
      .where("version", "=", risk?.version ?? "")
      .execute();
  });
  await expect(loadModels(api)).rejects.toThrow("is not what its version");
});

it("lets nobody change or delete a model", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db } = api.deps;
  const refusal = { code: "23001" };
  await expect(db.updateTable("models").set({ algorithm: "x" }).execute()).rejects.toMatchObject(refusal);
  await expect(db.deleteFrom("models").execute()).rejects.toMatchObject(refusal);
  await expect(sql`truncate models cascade`.execute(db)).rejects.toMatchObject(refusal);
});

it("gives the same version for the same data and forecasts nothing twice", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp("ada@example.org");
  const before = await ada.predictions.risk_forecast();
  const [models, count] = [await storedModels(api), await countPredictions(api)];
  api.clock.advance(60_000);
  expect(await retrainModels(api.deps, retraining)).toEqual(api.models);
  expect(await storedModels(api)).toEqual(models);
  expect(await countPredictions(api)).toBe(count);
  expect(await ada.predictions.risk_forecast()).toEqual(before);
});

it("forecasts with the newest model and its newest forecasts, and keeps the earlier ones", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp("ada@example.org");
  const first = await ada.predictions.risk_forecast();
  await importLater(api, 7);
  const { risk } = await retrainModels(api.deps, retraining);
  const second = await ada.predictions.risk_forecast();
  expect(risk.version).not.toBe(first.model.version);
  expect(second.model.version).toBe(risk.version);
  expect(second.items.map(({ protocol }) => protocol)).toEqual(first.items.map(({ protocol }) => protocol));
  expect(second.items[0]?.as_of).toBe("2026-01-21T00:00:00.000Z");
  expect(await storedModels(api)).toHaveLength(4);
  expect(await countPredictions(api)).toBe(2 * 2 * (13 + 4));
});

it("goes on forecasting with the models before when forecasting with new ones fails", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp("ada@example.org");
  const suggestion = await ada.predictions.run_optimization();
  const before = await ada.predictions.risk_forecast();
  // Before what was forecast runs out.
  await importLater(api, 5);
  await sql`alter table predictions add check (as_of < '2026-01-19')`.execute(api.deps.db);
  await expect(retrainModels(api.deps, retraining)).rejects.toMatchObject({ code: "23514" });
  expect(await ada.predictions.risk_forecast()).toMatchObject({ model: before.model, items: before.items });
  expect((await ada.predictions.run_optimization()).model_versions).toEqual(suggestion.model_versions);
});

it("makes no model live that forecasts another horizon than the one asked for", async () => {
  await using api = await createTestApi();
  const source = createSimulatedSource({ seed: 1, clock: api.clock, days: 150 });
  await importDataset(api.deps, await source.load());
  const ada = await api.signUp("ada@example.org");
  await expect(retrainModels(api.deps, { ...retraining, horizonDays: 14 })).rejects.toThrow("7 days, not 14");
  expect(await codeOf(ada.predictions.risk_forecast())).toBe("FORECASTS_NOT_READY");
});
