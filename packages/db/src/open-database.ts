import { PGlite } from "@electric-sql/pglite";
import { Kysely } from "kysely";
import type { Database } from "./database.ts";
import { DataDirectoryForbiddenError, isDataDamaged } from "./database-errors.ts";
import { createDiskWatch } from "./disk-watch.ts";
import { type EmbeddedLocation, openEmbedded } from "./embedded/open-embedded.ts";
import { isDatabaseReachable } from "./is-database-reachable.ts";
import { pgliteTypes } from "./pglite-types.ts";
import { PooledPostgresDialect } from "./pooled-postgres-dialect.ts";
import { createPostgresPool, type PostgresPoolOptions } from "./postgres-pool.ts";
import { probeServer } from "./server-watch.ts";
import type { ConnectionCounts, StatementListener } from "./statement-listener.ts";
import type { Tables } from "./tables.ts";
import { YieldingPgliteDialect } from "./yielding-pglite-dialect.ts";

/** Where the data lives: a Postgres server, an embedded directory, or the memory of this process. */
export type DatabaseLocation =
  | { readonly url: string; readonly pool?: Omit<PostgresPoolOptions, "onConnectionError"> }
  | EmbeddedLocation
  | { readonly snapshot: Blob | undefined };

/** How long a Postgres server may take to say that it is there. */
const stateTimeoutMs = 2_000;

/** Whether the database responds, can write, may use its files, and has shown no damage to them since it was opened. */
export type DatabaseState = "up" | "down" | "full" | "forbidden" | "damaged";

/** Who hears of what happens to an open database. */
export interface DatabaseListeners extends Pick<PostgresPoolOptions, "onConnectionError"> {
  /** Hears of the first error that shows damage to the files of the database. */
  readonly onDamage?: ((error: unknown) => void) | undefined;
  /** @default nobody listens */
  readonly statements?: StatementListener | undefined;
}

/** An open database. */
export interface OpenDatabase {
  readonly db: Database;
  readonly engine: "postgres" | "pglite";
  /**
   * Counts the statements that may have changed something, of the embedded database, which nobody but this process uses. Undefined on
   * Postgres, where others write, too.
   */
  readonly writes: (() => number) | undefined;
  /** Connections of this process to Postgres. Undefined of the embedded database, which has one. */
  readonly connections?: (() => ConnectionCounts) | undefined;
  /** Asks how it is. Never throws, and takes two seconds or so at most. */
  state(): Promise<DatabaseState>;
  /** Finishes running statements, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Opens the database on either engine. Nothing is migrated yet. Only Postgres has connections that can be lost.
 *
 * @throws DataDirectoryLockedError, DataDirectoryUnusableError, DataDirectoryDamagedError, DiskFullError
 */
export async function openDatabase(
  location: DatabaseLocation,
  { onConnectionError, onDamage, statements }: DatabaseListeners = {},
): Promise<OpenDatabase> {
  const disk = createDiskWatch();
  // For good: what is damaged does not mend itself, and what else is, nobody knows.
  let isDamaged = false;
  let wasForbidden = false;
  const onError = (error: unknown) => {
    disk.noteError(error);
    wasForbidden ||= error instanceof DataDirectoryForbiddenError;
    if (isDamaged || !isDataDamaged(error)) return;
    isDamaged = true;
    onDamage?.(error);
  };
  const stateOf = async (db: Database): Promise<DatabaseState> => {
    if (isDamaged) return "damaged";
    // Asking also shows that its files are gone.
    if (!(await isDatabaseReachable(db))) return isDamaged ? "damaged" : "down";
    return (await disk.isFull(db)) ? "full" : "up";
  };
  if ("url" in location) {
    const pool = createPostgresPool(location.url, { ...location.pool, onConnectionError, onError });
    const db = new Kysely<Tables>({ dialect: new PooledPostgresDialect(pool, statements) });
    return {
      db,
      engine: "postgres",
      writes: undefined,
      connections: pool.connections,
      state: async () => {
        // All may wait for a table that somebody has locked, while the server is there. Asked on a connection of its own, it says so.
        if (isDamaged || !pool.isTaken()) return stateOf(db);
        return (await probeServer(location.url, stateTimeoutMs)) ? "up" : "down";
      },
      close: () => db.destroy(),
    };
  }
  if ("dataDirectory" in location) {
    const { client, hasRoom, isAllowed, release } = await openEmbedded(location, onError);
    const dialect = new YieldingPgliteDialect({ pglite: client }, statements);
    const db = new Kysely<Tables>({ dialect });
    return {
      db,
      engine: "pglite",
      writes: () => dialect.writes,
      state: async () => {
        wasForbidden &&= !isAllowed();
        if (wasForbidden) return "forbidden";
        if (!hasRoom()) return "full";
        // Asking also opens it again when it has stopped for want of room.
        const state = await stateOf(db);
        return state === "down" && client.isOutOfRoom ? "full" : state;
      },
      close: async () => {
        // Kysely closes PGlite only once it has run a statement.
        await db.destroy();
        await client.close();
        release();
      },
    };
  }
  const pglite = await PGlite.create({
    ...pgliteTypes,
    ...(location.snapshot && { loadDataDir: location.snapshot }),
  });
  const dialect = new YieldingPgliteDialect({ pglite });
  const db = new Kysely<Tables>({ dialect });
  return {
    db,
    engine: "pglite",
    writes: () => dialect.writes,
    state: () => stateOf(db),
    close: async () => {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
    },
  };
}
