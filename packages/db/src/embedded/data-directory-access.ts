import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DataDirectoryForbiddenError, DataDirectoryUnusableError } from "../database-errors.ts";

/**
 * Says which file this process may not read or write, before Postgres takes it for a damaged one.
 *
 * @param names within the directory; those that are not there are passed over
 * @throws DataDirectoryForbiddenError
 */
export function assertAccess(directory: string, names: readonly string[]): void {
  for (const name of names) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
      // Of a directory, what is in it can be named only where it may be entered.
      if (statSync(path).isDirectory()) accessSync(path, constants.X_OK);
    } catch (cause) {
      if (isForbidden(cause)) throw forbidden(path, cause);
    }
  }
}

/**
 * Does so for everything within a directory that may be entered.
 *
 * @throws DataDirectoryForbiddenError
 */
export function assertAccessWithin(directory: string): void {
  const entries = readdirSync(directory, { withFileTypes: true });
  assertAccess(
    directory,
    entries.map(({ name }) => name),
  );
  for (const entry of entries) {
    if (entry.isDirectory()) assertAccessWithin(join(directory, entry.name));
  }
}

/** Whether an error is that the operating system does not let this process do something. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(EACCES|EPERM|EROFS)$/.test(String(error.code));
}

/** The error that says whose a file is, and who we are. */
export function forbidden(path: string, cause: unknown): DataDirectoryForbiddenError {
  const isReadOnly = cause instanceof Error && "code" in cause && cause.code === "EROFS";
  const why = isReadOnly ? "its disk is mounted read-only" : describeOwner(path);
  return new DataDirectoryForbiddenError(`${path} may not be read or written: ${why}.`, { cause });
}

/** The error that says of one of our own files, which holds nothing that would be missed, that something else is in its place. */
export function unusableFile(path: string, cause: unknown): Error {
  if (isForbidden(cause)) return forbidden(path, cause);
  return new DataDirectoryUnusableError(
    `${path} cannot be used${isDirectory(path) ? ": it is a directory" : ""}. It holds no data of ours: move it away while no server uses the data directory.`,
    { cause },
  );
}

/** Whether a path leads to a directory. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function describeOwner(path: string): string {
  const us = process.getuid?.();
  const we = us === undefined ? "" : `, and this process runs as user ${us}`;
  try {
    const { uid, mode } = statSync(path);
    return `it belongs to user ${uid} with mode ${(mode & 0o777).toString(8).padStart(4, "0")}${we}`;
  } catch {
    return `the directory that it is in may not be entered${we}`;
  }
}
