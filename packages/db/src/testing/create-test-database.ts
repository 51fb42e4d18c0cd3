import { inject } from "vitest";
import type { OpenDatabase } from "../open-database.ts";
import { borrowPglite } from "./borrow-pglite.ts";
import { borrowPostgres } from "./borrow-postgres.ts";
import type { TestSnapshot } from "./snapshots.ts";

/** A database that belongs to one test; it goes when the test does (`await using`). */
export interface TestDatabase extends OpenDatabase, AsyncDisposable {
  /** URL, when the engine is a Postgres server. */
  readonly url: string | undefined;
}

/** Opens a database of its own on the engine of the running test project, filled as the snapshot says. */
export async function createTestDatabase(snapshot: TestSnapshot = "migrated"): Promise<TestDatabase> {
  const opened =
    inject("databaseEngine") === "postgres"
      ? await borrowPostgres(inject("postgresUrl"), snapshot)
      : { ...(await borrowPglite(snapshotFile(snapshot))), url: undefined };
  return { ...opened, [Symbol.asyncDispose]: () => opened.close() };
}

/** The data directory of a snapshot for PGlite, as a tar: for processes that open one themselves. */
export function snapshotFile(snapshot: TestSnapshot): string {
  return inject("pgliteSnapshots")[snapshot];
}
