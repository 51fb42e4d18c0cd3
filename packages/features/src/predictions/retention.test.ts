import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi, forecastHere, importLater, type TestApi } from "../testing/index.ts";
import {
  clearForecasts,
  createModelHistory,
  listForecasts,
  rejectedVersions,
} from "../testing/model-history.ts";
import { recordActuals } from "./forecasts/actuals.service.ts";
import { ModelCommandError, promoteModel } from "./models/model-commands.service.ts";

const dayMs = 86_400_000;

function models({ deps: { db } }: TestApi) {
  return db.selectFrom("models").selectAll().orderBy("version").execute();
}

/** All that users read of models and forecasts. */
async function readAll(api: TestApi) {
  const { predictions } = await api.signUp();
  return [
    await predictions.track_record(),
    await predictions.track_record({ granularity: "market" }),
    await predictions.models(),
    await predictions.risk_forecast({ granularity: "market" }),
    await predictions.yield_forecast({ granularity: "market" }),
    await predictions.yield_forecast(),
  ];
}

it("drops files and forecasts that nobody needs after 90 days, and changes nothing that users read", async () => {
  await using api = await createModelHistory();
  // Eight have passed.
  api.clock.advance(82 * dayMs - 1);
  expect(await clearForecasts(api)).toBe(0);
  api.clock.advance(8 * dayMs + 1);
  const [read, modelsBefore, forecastsBefore] = [
    await readAll(api),
    await models(api),
    await listForecasts(api),
  ];
  expect(await clearForecasts(api)).toBeGreaterThan(0);
  expect(await readAll(api)).toEqual(read);

  const rejected = await rejectedVersions(api);
  expect(rejected).toHaveLength(1);
  const kept = (version: string) => !rejected.includes(version);
  expect(await models(api)).toEqual(
    modelsBefore.map((model) => (kept(model.version) ? model : { ...model, artefact: null })),
  );

  const left = await listForecasts(api);
  expect(left.length).toBeLessThan(forecastsBefore.length);
  const onRecord = (rows: typeof left) => rows.filter(({ on_record }) => on_record);
  expect(onRecord(left)).toEqual(onRecord(forecastsBefore));
  expect(await clearForecasts(api)).toBe(0);
});

it("keeps a rejected model from being promoted once its file is gone, until it is trained again", async () => {
  await using api = await createModelHistory();
  const [version = ""] = await rejectedVersions(api);
  const model = (await models(api)).find((row) => row.version === version);
  api.clock.advance(90 * dayMs);
  await clearForecasts(api);
  const change = { kind: "risk", horizonDays: 7, version, forecast: forecastHere } as const;
  await expect(promoteModel(api.deps, change)).rejects.toThrow(ModelCommandError);
  await expect(promoteModel(api.deps, change)).rejects.toThrow("was dropped");
  await expect(
    sql`insert into model_promotions (id, kind, source, version, import_id, promoted_at)
      select ${api.deps.createId()}, kind, source, ${version}, import_id, now() from model_decisions limit 1`.execute(
      api.deps.db,
    ),
  ).rejects.toMatchObject({ code: "23001" });
  const other = api.deps.db.updateTable("models").set({ artefact: new Uint8Array([1]) });
  await expect(other.where("version", "=", version).execute()).rejects.toMatchObject({ code: "23001" });
  const again = api.deps.db.updateTable("models").set({ artefact: model?.artefact ?? null });
  await again.where("version", "=", version).execute();
  await promoteModel(api.deps, change);
});

it("stops waiting for outcomes that were not observed for 90 days, and counts them as unobserved as before", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importLater(api, 8);
  const gap = sql`delete from market_history
    where market_id like 'simulated:vesu:%' and observed_at > '2026-01-15T00:00:00Z'`;
  await gap.execute(api.deps.db);
  expect(await recordActuals(api.deps)).toEqual({ recorded: 18, unobserved: 8 });
  api.clock.advance(120 * dayMs);
  // The history has not gone on, so that the outcomes may still come with it.
  await clearForecasts(api);
  expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 8 });
  await sql`insert into market_imports (id, source, simulated, content_sha256, report, observed_until, fetched_at, completed_at)
    select ${api.deps.createId()}, source, simulated, 'later', report, ${api.clock()}, ${api.clock()}, ${api.clock()}
    from market_imports order by sequence desc limit 1`.execute(api.deps.db);
  const read = async () => (await (await api.signUp()).predictions.track_record({ protocol: "vesu" })).items;
  const before = await read();
  expect(before).toMatchObject([
    { kind: "risk", n_unobserved: 1 },
    { kind: "yield", n_unobserved: 1 },
  ]);
  await clearForecasts(api);
  expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 0 });
  expect(await read()).toEqual(before);
});
