import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";
import { DataDirectoryDamagedError, isDiskFull } from "../database-errors.ts";
import { pgliteTypes } from "../pglite-types.ts";
import { createDataDirectory } from "./create-data-directory.ts";
import { forbidden, unusableFile } from "./data-directory-access.ts";
import { lockDataDirectory } from "./data-directory-lock.ts";
import { watchDirectory } from "./directory-watch.ts";
import { assertRoom, hasRoom } from "./disk-room.ts";
import { DurableFileSystem } from "./durable-file-system.ts";
import { createEmbeddedClient, type EmbeddedClient } from "./embedded-client.ts";
import { GuardedPglite } from "./guarded-pglite.ts";
import { databaseDirectory, inspectDataDirectory } from "./inspect-data-directory.ts";

/**
 * `full`: a commit is on the disk before it is acknowledged, and survives the machine's power. `relaxed`: it survives the end
 * of this process only.
 */
export type Durability = "full" | "relaxed";

/** Where the embedded database is and how it is opened. */
export interface EmbeddedLocation {
  readonly dataDirectory: string;
  /** @default "full" */
  readonly durability?: Durability | undefined;
}

/** An open embedded database. */
export interface EmbeddedDatabase {
  readonly client: EmbeddedClient;
  /** Whether the disk has room to go on. */
  readonly hasRoom: () => boolean;
  /** Whether this process may use all of its files. */
  readonly isAllowed: () => boolean;
  /** Lets others open the directory. */
  readonly release: () => void;
}

/** Whether a data directory has an embedded database, whole or not. Nothing is created. */
export function hasEmbeddedDatabase(dataDirectory: string): boolean {
  return inspectDataDirectory(dataDirectory) === "database";
}

/**
 * Opens the embedded database of a data directory, and makes one where there is none.
 *
 * @param onError hears of every error that Postgres reports
 * @throws DataDirectoryLockedError, DataDirectoryUnusableError, DataDirectoryForbiddenError,
 * DataDirectoryDamagedError, DiskFullError
 */
export async function openEmbedded(
  { dataDirectory, durability = "full" }: EmbeddedLocation,
  onError: (error: unknown) => void,
): Promise<EmbeddedDatabase> {
  // First, because the lock makes the directory, and takes it for ours.
  inspectDataDirectory(dataDirectory);
  const release = lockDataDirectory(dataDirectory);
  const directory = databaseDirectory(dataDirectory);
  try {
    if (inspectDataDirectory(dataDirectory) === "nothing") await createDataDirectory(directory);
    const files = new Map<GuardedPglite, NodeFS>();
    const open = async () => {
      // It may be gone since, and Postgres would make a new one.
      if (inspectDataDirectory(dataDirectory) === "nothing") throw gone(directory);
      assertRoom(directory);
      const fs = durability === "full" ? new DurableFileSystem(directory) : new NodeFS(directory);
      const pglite = await start(directory, { fs, durability, onError });
      files.set(pglite, fs);
      return pglite;
    };
    const abandon = async (stopped: GuardedPglite) => {
      await files.get(stopped)?.closeFs();
      files.delete(stopped);
    };
    const watch = watchDirectory(directory);
    const client = await createEmbeddedClient({
      open,
      abandon,
      hasRoom: () => hasRoom(directory),
      assertThere: () => heard(watch.assertThere, onError),
    });
    rememberDatabase(dataDirectory);
    return { client, release, hasRoom: () => hasRoom(directory), isAllowed: watch.isAllowed };
  } catch (error) {
    release();
    throw error;
  }
}

/** Tells of what a check throws, which no database has reported. */
function heard(check: () => void, onError: (error: unknown) => void): void {
  try {
    check();
  } catch (error) {
    onError(error);
    throw error;
  }
}

function gone(directory: string): DataDirectoryDamagedError {
  return new DataDirectoryDamagedError(`The database in ${directory} is gone.`);
}

/** Leaves a file beside the database, so that a directory from which only the database is lost is not taken for a new one. */
function rememberDatabase(dataDirectory: string): void {
  try {
    closeSync(openSync(join(dataDirectory, "database-made"), "a"));
  } catch (cause) {
    // The next time it is opened will do.
    if (isDiskFull(cause)) return;
    throw unusableFile(join(dataDirectory, "database-made"), cause);
  }
}

interface StartOptions {
  readonly fs: NodeFS;
  readonly durability: Durability;
  readonly onError: (error: unknown) => void;
}

async function start(directory: string, { fs, durability, onError }: StartOptions): Promise<GuardedPglite> {
  // What Postgres says when it cannot start is nowhere else.
  const output: string[] = [];
  const pglite = new GuardedPglite(
    {
      ...pgliteTypes,
      fs,
      // Postgres' default of 128 MB is for a server with many users; here it would only be memory that is touched once.
      postgresqlconf: ["shared_buffers = 16MB"],
      startParams: startParameters(durability),
      onStderr: (text) => {
        output.push(text);
        return false;
      },
    },
    onError,
  );
  try {
    await pglite.waitReady;
    return pglite;
  } catch (cause) {
    await fs.closeFs().catch(() => {});
    if (isDiskFull(cause)) throw cause;
    assertRoom(directory);
    const said = output.findLast((line) => /FATAL|PANIC/.test(line))?.trim();
    if (/Permission denied|not permitted/i.test(said ?? "")) throw forbidden(directory, cause);
    throw new DataDirectoryDamagedError(
      `The database in ${directory} cannot be opened: its files are damaged or incomplete${said === undefined ? "" : ` (${said})`}.`,
      { cause },
    );
  }
}

/**
 * `-F` turns `fsync` off; and of the ways to sync the log, this is the one that Emscripten passes on. Nobody reads how far a recovery has
 * come, and the timer that would say so goes on when the recovery fails, and keeps the process from ending.
 */
function startParameters(durability: Durability): string[] {
  const parameters = [...PGlite.defaultStartParams, "-c", "log_startup_progress_interval=0"];
  if (durability === "relaxed") return parameters;
  return [...parameters.filter((parameter) => parameter !== "-F"), "-c", "wal_sync_method=fsync"];
}
