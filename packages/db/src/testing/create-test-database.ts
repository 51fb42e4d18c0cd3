import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type OpenDatabase, openDatabase } from "../open-database.ts";
import { borrowPglite } from "./pglite-pool.ts";
import { type TestSnapshot, templateName } from "./snapshots.ts";

/** A database that belongs to one test; it goes when the test does (`await using`). */
export interface TestDatabase extends OpenDatabase, AsyncDisposable {
  /** URL, when the engine is a Postgres server. */
  readonly url: string | undefined;
}

/** Opens a database of its own on the engine of the running test project, filled as the snapshot says. */
export async function createTestDatabase(snapshot: TestSnapshot = "migrated"): Promise<TestDatabase> {
  return inject("databaseEngine") === "postgres" ? createOnPostgres(snapshot) : createOnPglite(snapshot);
}

/** The data directory of a snapshot for PGlite, as a tar: for processes that open one themselves. */
export function snapshotFile(snapshot: TestSnapshot): string {
  return inject("pgliteSnapshots")[snapshot];
}

async function createOnPglite(snapshot: TestSnapshot): Promise<TestDatabase> {
  const opened = await borrowPglite(snapshotFile(snapshot));
  return { ...opened, url: undefined, [Symbol.asyncDispose]: () => opened.close() };
}

async function createOnPostgres(snapshot: TestSnapshot): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(`create database ${name} template ${templateName(snapshot)}`);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  const opened = await openDatabase({ url: url.href, pool: { size: 5 } });
  return {
    ...opened,
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      await opened.close();
      await administer(`drop database if exists ${name} with (force)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
