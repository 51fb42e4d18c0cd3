import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import { createDataDirectory } from "./create-data-directory.ts";
import { lockDataDirectory } from "./data-directory-lock.ts";
import type { Database } from "./database.ts";
import { createPostgresPool, type PostgresPoolOptions } from "./postgres-pool.ts";
import type { Tables } from "./tables.ts";

/** Where the data lives: a Postgres server, an embedded directory, or the memory of this process. */
export type DatabaseLocation =
  | { readonly url: string; readonly pool?: Omit<PostgresPoolOptions, "onConnectionError"> }
  | { readonly dataDirectory: string }
  | { readonly snapshot: Blob | undefined };

/** An open database. */
export interface OpenDatabase {
  readonly db: Database;
  readonly engine: "postgres" | "pglite";
  /** Finishes running statements, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Opens the database on either engine. Nothing is migrated yet. Only Postgres has connections that can be lost.
 *
 * @throws DataDirectoryLockedError, DataDirectoryUnusableError
 */
export async function openDatabase(
  location: DatabaseLocation,
  { onConnectionError }: Pick<PostgresPoolOptions, "onConnectionError"> = {},
): Promise<OpenDatabase> {
  if ("url" in location) {
    const pool = createPostgresPool(location.url, { ...location.pool, onConnectionError });
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    return { db, engine: "postgres", close: () => db.destroy() };
  }
  if ("dataDirectory" in location) {
    const release = lockDataDirectory(location.dataDirectory);
    try {
      const directory = join(location.dataDirectory, "pglite");
      await createDataDirectory(directory);
      // Postgres' default of 128 MB is for a server with many users; here it would only be memory that is touched once.
      const postgresqlconf = ["shared_buffers = 16MB"];
      return openPglite(await PGlite.create({ dataDir: directory, postgresqlconf }), release);
    } catch (error) {
      release();
      throw error;
    }
  }
  return openPglite(await PGlite.create(location.snapshot ? { loadDataDir: location.snapshot } : {}));
}

function openPglite(pglite: PGlite, release?: () => void): OpenDatabase {
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  return {
    db,
    engine: "pglite",
    close: async () => {
      // Kysely closes PGlite only once it has run a statement.
      await db.destroy();
      if (!pglite.closed) await pglite.close();
      release?.();
    },
  };
}
