import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { createTestFolder } from "../process/spawn-server.ts";
import { makeUpHistory, readPools } from "./feed.ts";
import { isGood, runSimulation } from "./run-simulation.ts";

it("keeps forecasts, outcomes and transactions up to date for days, whatever fails and is killed, each thing once", {
  timeout: 600_000,
}, async () => {
  await using folder = await createTestFolder();
  const file = join(folder.path, "history.csv");
  const days = 5;
  await makeUpHistory(file, { markets: 4, days: 90 + days });
  const outcome = await runSimulation({
    engine: inject("databaseEngine"),
    pools: await readPools(file, { markets: 4, days: 90 }),
    days,
    horizonDays: 3,
    users: 1,
    hours: [0, 12],
    killEvery: 4,
    hasSnapshots: true,
    print: () => {},
  });
  expect(isGood(outcome), JSON.stringify(outcome, undefined, 2)).toBe(true);
  expect(outcome).toMatchObject({ days_without_feed: 1, kills: 1, transactions: days, advised: days });
  expect(outcome.mails_failed).toBeGreaterThan(0);
  expect(outcome.subscribers).toBe(3);
});
