import type { Database } from "@obsqra/db";
import { createSimulatedSource } from "@obsqra/market";
import { createIdGenerator } from "@obsqra/platform";
import { createKnownBytes, createTestClock } from "@obsqra/platform/testing";
import { importDataset } from "../../market/import.service.ts";
import { registerProtocols } from "../../market/market.service.ts";
import { retrainModels } from "../../predictions/models/retrain-models.service.ts";
import { forecastHere } from "../forecast-here.ts";
import { promoteAlways } from "../promote-always.ts";
import { trainOnce } from "../train-once.ts";

/**
 * Adds 150 days of simulated history, models trained on it, and their forecasts to a migrated database: the same each time,
 * ids included, which the examples of the OpenAPI document show.
 */
export async function addForecasts(db: Database): Promise<void> {
  const clock = createTestClock();
  const randomBytes = createKnownBytes("forecasts");
  const createId = createIdGenerator({ clock, randomBytes });
  const deps = { db, clock, createId, marketSource: "simulated", publishSnapshots: true };
  await registerProtocols(deps);
  await importDataset(deps, await createSimulatedSource({ seed: 1, clock, days: 150 }).load());
  await retrainModels(deps, {
    horizonDays: 7,
    train: trainOnce,
    decide: promoteAlways,
    forecast: forecastHere,
  });
}
