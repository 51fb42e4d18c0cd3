import { statSync } from "node:fs";
import { join } from "node:path";
import { DataDirectoryDamagedError } from "../database-errors.ts";
import { assertAccessWithin, forbidden, isForbidden } from "./data-directory-access.ts";

/** Tells whether the files that a database was opened with are still in their place. */
export interface DirectoryWatch {
  /**
   * Looks at three names, which takes some microseconds.
   *
   * @throws DataDirectoryDamagedError when they are gone or others are in their place, DataDirectoryForbiddenError
   */
  assertThere(): void;
  /** Whether this process may use all of its files. Looks at each of them. */
  isAllowed(): boolean;
}

/** What Postgres writes each commit to, what it starts from, and what they are in: none of it is ever replaced. */
const kept = [".", "pg_wal", "global/pg_control"];

/**
 * Remembers which files are in a database's directory. Postgres keeps its files open, and goes on writing to those that were
 * deleted under it: what it acknowledges is gone with the process.
 */
export function watchDirectory(directory: string): DirectoryWatch {
  const paths = kept.map((name) => join(directory, name));
  const opened = paths.map(identify);
  return {
    assertThere() {
      if (paths.every((path, index) => identify(path) === opened[index])) return;
      throw new DataDirectoryDamagedError(
        `The database in ${directory} was removed or replaced while it was in use. Nothing is acknowledged any more.`,
      );
    },
    isAllowed() {
      try {
        assertAccessWithin(directory);
        return true;
      } catch {
        return false;
      }
    },
  };
}

function identify(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats && `${stats.dev}:${stats.ino}`;
  } catch (cause) {
    if (isForbidden(cause)) throw forbidden(path, cause);
    throw cause;
  }
}
