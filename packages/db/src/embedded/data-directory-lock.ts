import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  DataDirectoryLockedError,
  DataDirectoryUnusableError,
  DiskFullError,
  isDiskFull,
} from "../database-errors.ts";
import { forbidden, isDirectory, isForbidden, unusableFile } from "./data-directory-access.ts";

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

function unusable(directory: string, cause: unknown): Error {
  if (isSqlite(cause, 13) || isDiskFull(cause)) {
    return new DiskFullError(`The disk of the data directory ${directory} is full.`, { cause });
  }
  if (isSqlite(cause, 11, 26)) {
    const file = join(directory, "lock.sqlite");
    return new DataDirectoryUnusableError(
      `The file ${file} is damaged. It holds no data: remove it while no server uses the directory.`,
      { cause },
    );
  }
  if (isForbidden(cause)) return forbidden(directory, cause);
  if (isSqlite(cause, 8, 14)) {
    const file = ["lock.sqlite", "lock.sqlite-journal"].find((name) => isDirectory(join(directory, name)));
    return file === undefined ? forbidden(directory, cause) : unusableFile(join(directory, file), cause);
  }
  const message = `The data directory ${directory} cannot be used: it is not a directory, or may not be written to.`;
  return new DataDirectoryUnusableError(message, { cause });
}

function isBusy(error: unknown): boolean {
  return isSqlite(error, 5);
}

/** By SQLite's result codes, such as 5 (busy), 8 (read-only), 11 (corrupt), 13 (full), 14 (cannot be opened) and 26 (not a database): https://www.sqlite.org/rescode.html */
function isSqlite(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof Error && "errcode" in error && codes.includes(Number(error.errcode));
}
