import { makePostgresTemplates, startNeighbour, startPostgres } from "@obsqra/db/testing";
import type { TestProject } from "vitest/node";
import { addForecasts } from "./add-forecasts.ts";

/**
 * Starts a real Postgres and makes the databases on it that tests copy. In the long form a neighbour's transactions run beside
 * every test, so that one fails which expects to read at once what it has written.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // What it would tidy up, and learn about tables, between tests takes a processor and helps none of them.
  const postgres = await startPostgres("obsqra", ["-c", "autovacuum=off"]);
  await makePostgresTemplates(postgres, addForecasts);
  project.provide("databaseEngine", "postgres");
  project.provide("postgresUrl", postgres.url("postgres"));
  const { isLong } = project.getProvidedContext();
  const neighbour = isLong ? await startNeighbour(postgres.url("postgres")) : undefined;
  return async () => {
    await neighbour?.[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  };
}
