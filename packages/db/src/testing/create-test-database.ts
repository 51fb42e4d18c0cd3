import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import pg from "pg";
import { inject } from "vitest";
import { type OpenDatabase, openDatabase } from "../open-database.ts";

/** A migrated database that belongs to one test; it goes when the test does (`await using`). */
export interface TestDatabase extends OpenDatabase, AsyncDisposable {
  /** URL, when the engine is a Postgres server. */
  readonly url: string | undefined;
}

/** Opens a migrated, empty database on the engine of the running test project. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return inject("databaseEngine") === "postgres" ? createOnPostgres() : createOnPglite();
}

async function createOnPglite(): Promise<TestDatabase> {
  const snapshot = new Blob([await readFile(inject("pgliteSnapshot"))]);
  const opened = await openDatabase({ snapshot });
  return { ...opened, url: undefined, [Symbol.asyncDispose]: () => opened.close() };
}

async function createOnPostgres(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(`create database ${name} template obsqra_template`);
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
