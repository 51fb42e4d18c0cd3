import { makePgliteSnapshots } from "@obsqra/db/testing";
import type { TestProject } from "vitest/node";
import { addForecasts } from "./add-forecasts.ts";

/** Makes the snapshots that every test on PGlite starts from. */
export async function setup(project: TestProject): Promise<void> {
  project.provide("databaseEngine", "pglite");
  project.provide("pgliteSnapshots", await makePgliteSnapshots(addForecasts));
}
