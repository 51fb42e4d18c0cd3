import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrate } from "../migrate.ts";
import { openDatabase } from "../open-database.ts";
import { startPostgres } from "./start-postgres.ts";
import "./vitest-context.ts";

/** Starts a real Postgres and migrates a template database that every test copies. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  const client = new pg.Client({ connectionString: postgres.url("postgres") });
  await client.connect();
  await client.query("create database obsqra_template");
  await client.end();
  const template = await openDatabase({ url: postgres.url("obsqra_template") });
  await migrate(template.db);
  await template.close();
  project.provide("databaseEngine", "postgres");
  project.provide("postgresUrl", postgres.url("postgres"));
  return async () => postgres[Symbol.asyncDispose]();
}
