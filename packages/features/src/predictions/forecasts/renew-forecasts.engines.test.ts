import { createSimulatedSource, type MarketSource, MarketSourceError } from "@obsqra/market";
import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import { refreshMarketHistory } from "../../market/refresh.service.ts";
import {
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../../testing/index.ts";
import type { ModelWork } from "../models/model-work.ts";
import { renewForecasts } from "./renew-forecasts.service.ts";

const { signal } = new AbortController();

/** Work in this thread, which counts how often it was opened and what was trained on. */
function countWork() {
  const count = { opened: 0, trained: 0 };
  const openWork = (): ModelWork & AsyncDisposable => {
    count.opened += 1;
    return {
      train: (panel) => {
        count.trained += 1;
        return trainOnce(panel);
      },
      decide: promoteAlways,
      forecast: forecastHere,
      [Symbol.asyncDispose]: async () => {},
    };
  };
  return { count, openWork };
}

function listRuns({ deps: { db } }: TestApi) {
  return db
    .selectFrom("forecast_runs")
    .select(["kind", "model_version", "import_id", "forecasts"])
    .orderBy("sequence")
    .execute();
}

// Training takes the embedded database's processor time for the same statements; the long form of the tests does it there, too.
const isTrainedHere = inject("databaseEngine") === "postgres" || inject("isLong");

it("forecasts from new history with the models that are live, and does nothing where that was done", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { count, openWork } = countWork();
  expect(await renewForecasts(api.deps, { horizonDays: 7, openWork })).toEqual({
    outcome: "unchanged",
    outcomes_recorded: 0,
  });
  expect(count.opened).toBe(0);
  await importLater(api, 2);
  const renewed = await renewForecasts(api.deps, { horizonDays: 7, openWork });
  expect(renewed).toEqual({ outcome: "forecast", outcomes_recorded: 0 });
  const ada = await api.signUp();
  const { items, model } = await ada.predictions.yield_forecast();
  expect(items[0]?.as_of).toBe("2026-01-16T00:00:00.000Z");
  expect(model.version).toBe(api.models?.yield.version);
  expect((await renewForecasts(api.deps, { horizonDays: 7, openWork })).outcome).toBe("unchanged");
  expect(count).toEqual({ opened: 1, trained: 0 });
});

it("shows new forecasts at once where figures were cached", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const countPending = async () => {
    const { items } = await ada.predictions.track_record();
    return items.reduce((sum, { n_pending }) => sum + n_pending, 0);
  };
  const before = await countPending();
  await importLater(api, 1);
  expect(await countPending()).toBe(before);
  await renewForecasts(api.deps, { horizonDays: 7, openWork: countWork().openWork });
  expect(await countPending()).toBeGreaterThan(before);
});

it.runIf(isTrainedHere)(
  "trains once the history is fifteen days longer, and records the outcomes that it shows",
  async () => {
    await using api = await createTestApi({ withForecasts: true });
    const { count, openWork } = countWork();
    let recorded = 0;
    for (const [days, outcome] of [
      [14, "forecast"],
      [15, "trained"],
      [16, "forecast"],
    ] as const) {
      await importLater(api, days);
      const renewed = await renewForecasts(api.deps, { horizonDays: 7, openWork });
      expect(renewed.outcome).toBe(outcome);
      recorded += renewed.outcomes_recorded;
    }
    expect(count.trained).toBe(1);
    expect(recorded).toBeGreaterThan(0);
    // Both name what they rest on.
    const { rows } = await sql<{ made: boolean | null; known: boolean | null }>`
    select distinct made.observed_until >= predictions.as_of as made, known.observed_until >= predictions.target_at as known
    from predictions left join market_imports as made on made.id = predictions.import_id
    left join market_imports as known on known.id = predictions.actual_import_id
    where actual_value is not null`.execute(api.deps.db);
    expect(rows).toEqual([{ made: true, known: true }]);
  },
);

it.runIf(inject("isLong"))("trains sooner when what was served was worse than its baseline", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { openWork } = countWork();
  const renewAfter = async (days: number) => {
    await importLater(api, days);
    return renewForecasts(api.deps, { horizonDays: 7, openWork });
  };
  for (const days of [1, 2, 3, 4]) expect(await renewAfter(days)).toMatchObject({ outcome: "forecast" });
  // As if all that was served had been wrong, and the baseline right, which the database believes of no day that is not over.
  await sql`alter table predictions disable trigger predictions_known_outcome`.execute(api.deps.db);
  await api.deps.db
    .updateTable("predictions")
    .set(({ ref }) => ({ actual_value: ref("baseline_value"), actual_at: api.clock() }))
    .where("on_record", "=", true)
    .execute();
  expect(await renewAfter(5)).toMatchObject({
    outcome: "trained",
    because: "served_worse_than_baseline",
  });
  expect(await renewAfter(6)).toMatchObject({ outcome: "forecast" });
});

it("stores one run for each model and import, and tells of it, also when two processes renew at once", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importLater(api, 1);
  const before = (await listRuns(api)).length;
  const { openWork } = countWork();
  await Promise.all(Array.from({ length: 3 }, () => renewForecasts(api.deps, { horizonDays: 7, openWork })));
  const runs = (await listRuns(api)).slice(before);
  expect(new Set(runs.map(({ kind }) => kind))).toEqual(new Set(["risk", "yield"]));
  const forecasts = await api.deps.db
    .selectFrom("predictions")
    .select(["kind", "market_id", "protocol", "as_of", "model_version"])
    .execute();
  expect(new Set(forecasts.map((row) => JSON.stringify(row))).size).toBe(forecasts.length);
  const published = await api.deps.db
    .selectFrom("events")
    .select("subject")
    .where("type", "=", "forecasts.published")
    .execute();
  expect(published).toHaveLength((await listRuns(api)).length);
});

it("says so when there is nothing to forecast from", async () => {
  await using api = await createTestApi();
  const { openWork } = countWork();
  expect((await renewForecasts(api.deps, { horizonDays: 7, openWork })).outcome).toBe("no_history");
});

it("loads a feed once in each day of UTC, and keeps what is stored when it cannot", async () => {
  await using api = await createTestApi();
  let loads = 0;
  let isDown = false;
  const simulated = createSimulatedSource({ seed: 1, clock: api.clock, days: 20 });
  const source: MarketSource = {
    name: "simulated",
    simulated: true,
    load: async (options) => {
      loads += 1;
      if (isDown) throw new MarketSourceError("UNREACHABLE", "The feed is away.");
      return simulated.load(options);
    },
  };
  const deps = { ...api.deps, source };
  const outcomes: string[] = [];
  const refresh = async () => outcomes.push((await refreshMarketHistory(deps, { signal })).outcome);
  await refresh();
  await refresh();
  api.clock.advance(24 * 60 * 60_000);
  isDown = true;
  await refresh();
  isDown = false;
  await refresh();
  expect([outcomes, loads]).toEqual([["imported", "unchanged", "failed", "imported"], 3]);
  expect(api.logged).toMatchObject([{ message: "Market history could not be refreshed." }]);
});

it("asks a feed until it has the day before", async () => {
  await using api = await createTestApi();
  let isLate = false;
  let loads = 0;
  const source: MarketSource = {
    name: "simulated",
    simulated: true,
    load: (options) => {
      loads += 1;
      const clock = () => new Date(api.clock().getTime() - (isLate ? 2 * 24 * 60 * 60_000 : 0));
      return createSimulatedSource({ seed: 1, clock, days: 20 })
        .load(options)
        .then((dataset) => ({ ...dataset, fetched_at: api.clock() }));
    },
  };
  const refresh = async () => (await refreshMarketHistory({ ...api.deps, source }, { signal })).outcome;
  expect(await refresh()).toBe("imported");
  api.clock.advance(2 * 24 * 60 * 60_000);
  isLate = true;
  // The day of the first load is over now; the next one does not come.
  expect([await refresh(), await refresh()]).toEqual(["imported", "unchanged"]);
  expect(loads).toBe(3);
  isLate = false;
  expect([await refresh(), await refresh(), loads]).toEqual(["imported", "unchanged", 4]);
});
