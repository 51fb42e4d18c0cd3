import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DataDirectoryLockedError, DataDirectoryUnusableError } from "./database-errors.ts";

/** Gives the data directory back. */
export type ReleaseLock = () => void;

/**
 * Takes a data directory for this process alone, and creates it when it is missing. The lock is the operating system's,
 * held through SQLite's exclusive mode: unlike a file with a process id it is gone the moment the process dies, however
 * it dies, and it holds across containers that share a volume.
 *
 * @throws DataDirectoryLockedError when another process has it, DataDirectoryUnusableError when nobody could
 */
export function lockDataDirectory(directory: string): ReleaseLock {
  const lock = openLockFile(directory);
  try {
    lock.exec("pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive");
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw unusable(directory, cause);
    throw new DataDirectoryLockedError(`Another process is using the data directory ${directory}.`, {
      cause,
    });
  }
  return () => lock.close();
}

function openLockFile(directory: string): DatabaseSync {
  try {
    mkdirSync(directory, { recursive: true });
    // PGlite's files can be read and written by anyone who reaches them, so nobody else may.
    chmodSync(directory, 0o700);
    return new DatabaseSync(join(directory, "lock.sqlite"));
  } catch (cause) {
    throw unusable(directory, cause);
  }
}

function unusable(directory: string, cause: unknown): DataDirectoryUnusableError {
  const message = `The data directory ${directory} cannot be used: it is not a directory, or may not be written to.`;
  return new DataDirectoryUnusableError(message, { cause });
}

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}
