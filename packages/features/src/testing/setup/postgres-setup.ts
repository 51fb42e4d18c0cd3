import { makePostgresTemplates, startPostgres } from "@obsqra/db/testing";
import type { TestProject } from "vitest/node";
import { addForecasts } from "./add-forecasts.ts";

/** Starts a real Postgres and makes the databases on it that tests copy. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  await makePostgresTemplates(postgres, addForecasts);
  project.provide("databaseEngine", "postgres");
  project.provide("postgresUrl", postgres.url("postgres"));
  return async () => postgres[Symbol.asyncDispose]();
}
