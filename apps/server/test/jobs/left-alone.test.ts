import { codeOf, createTestApi, openTestWork, type TestApi } from "@obsqra/features/testing";
import { createSimulatedSource } from "@obsqra/market";
import { expect, inject, it, vi } from "vitest";
import { runServerJobs } from "../../src/server-jobs.ts";

const dayMs = 24 * 60 * 60_000;

function runJobsOf({ deps: api, clock }: TestApi) {
  return runServerJobs({
    api,
    source: createSimulatedSource({ seed: 1, clock, days: 150 }),
    engine: inject("databaseEngine"),
    horizonDays: 7,
    openModelWork: openTestWork,
    tickMs: 20,
  });
}

it("advises for ten days on forecasts of the day before, and records what came true, with nobody there", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await using _jobs = await runJobsOf(api);
  for (let day = 1; day <= 10; day += 1) {
    api.clock.advance(dayMs);
    const startOfToday = Math.floor(api.clock().getTime() / dayMs) * dayMs;
    // The newest day that is over.
    const yesterday = new Date(startOfToday - dayMs).toISOString();
    const ada = await api.signUp();
    await vi.waitUntil(
      async () => (await ada.predictions.yield_forecast()).items.some(({ as_of }) => as_of === yesterday),
      { timeout: 60_000, interval: 20 },
    );
    const suggestion = await ada.predictions.run_optimization({});
    expect(suggestion.data_source.as_of).toBe(new Date(startOfToday).toISOString());
  }
  const ada = await api.signUp();
  const { items } = await ada.predictions.track_record();
  expect(items.reduce((sum, { n }) => sum + n, 0)).toBeGreaterThan(0);
  const { items: decisions } = await ada.predictions.models();
  // Of the snapshot: no training is due within fifteen days, as long as what is served beats its baseline.
  expect(decisions.length).toBeLessThanOrEqual(4);
}, 300_000);

it("refuses to advise on forecasts that have run out where nothing renews them", async () => {
  await using api = await createTestApi({ withForecasts: true });
  api.clock.advance(10 * dayMs);
  const ada = await api.signUp();
  expect(await codeOf(ada.predictions.run_optimization({}))).toBe("FORECASTS_NOT_READY");
});
