import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DataDirectoryLockedError } from "./database-errors.ts";

/** Gives the data directory back. */
export type ReleaseLock = () => void;

/**
 * Takes a data directory for this process alone, and creates it when it is missing. The lock is the operating system's,
 * held through SQLite's exclusive mode: unlike a file with a process id it is gone the moment the process dies, however
 * it dies, and it holds across containers that share a volume.
 *
 * @throws DataDirectoryLockedError when another process has it
 */
export function lockDataDirectory(directory: string): ReleaseLock {
  mkdirSync(directory, { recursive: true });
  const lock = new DatabaseSync(join(directory, "lock.sqlite"));
  try {
    lock.exec("pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive");
  } catch (cause) {
    lock.close();
    throw new DataDirectoryLockedError(`Another process is using the data directory ${directory}.`, {
      cause,
    });
  }
  return () => lock.close();
}
