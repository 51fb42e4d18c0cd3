import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DataDirectoryDamagedError, DataDirectoryUnusableError } from "../database-errors.ts";
import { unfinishedMark } from "./create-data-directory.ts";
import { assertAccess, assertAccessWithin } from "./data-directory-access.ts";

/** The version of Postgres that PGlite is. */
const postgresVersion = "18";

/** Where in a data directory the embedded database is. */
export function databaseDirectory(dataDirectory: string): string {
  return join(dataDirectory, databaseName);
}

const databaseName = "pglite";

/**
 * Tells whether a data directory holds a database, and changes nothing. One that holds anything else is left alone: it may be
 * a backup that was restored in part, of which a new, empty database would hide the loss.
 *
 * @throws DataDirectoryDamagedError, DataDirectoryUnusableError, DataDirectoryForbiddenError
 */
export function inspectDataDirectory(dataDirectory: string): "nothing" | "database" {
  if (!isThere(dataDirectory)) return "nothing";
  if (!statSync(dataDirectory).isDirectory()) {
    throw new DataDirectoryUnusableError(`The data directory ${dataDirectory} is not a directory.`);
  }
  assertAccess(dataDirectory, [".", "lock.sqlite"]);
  const directory = databaseDirectory(dataDirectory);
  if (isThere(directory)) {
    assertWhole(directory);
    return "database";
  }
  const left = readdirSync(dataDirectory).filter(
    (name) => !isExpected(name) && !isHarmless(join(dataDirectory, name)),
  );
  if (left.length === 0) return "nothing";
  throw new DataDirectoryDamagedError(
    `The data directory ${dataDirectory} has no database (${databaseName}), but is not empty: it holds ${describeNames(left)}. Remove that, too, to start with an empty database.`,
  );
}

/** @throws DataDirectoryDamagedError, DataDirectoryForbiddenError */
function assertWhole(directory: string): void {
  if (!statSync(directory).isDirectory()) {
    throw new DataDirectoryDamagedError(`The database ${directory} is not a directory.`);
  }
  if (lstatSync(directory).isSymbolicLink()) {
    throw new DataDirectoryUnusableError(
      `${directory} is a link, which the embedded database does not follow. Move the whole data directory instead, and name it in DATA_DIRECTORY or link to it.`,
    );
  }
  assertAccess(directory, ["."]);
  const names = new Set(readdirSync(directory));
  if (names.size === 0) {
    throw new DataDirectoryDamagedError(
      `The directory ${directory} is empty: the database in it is gone. If it is a volume that is new, mount it one level higher, as the data directory.`,
    );
  }
  assertAccessWithin(directory);
  const needed = ["PG_VERSION", "base", "global", "pg_wal"];
  const missing = needed.filter((name) => !names.has(name));
  if (missing.length === 0 && !existsSync(join(directory, "global", "pg_control")))
    missing.push("global/pg_control");
  if (missing.length > 0) {
    throw new DataDirectoryDamagedError(
      `The directory ${directory} is not empty, and not a whole database: ${missing.join(", ")} missing.`,
    );
  }
  const version = readFileSync(join(directory, "PG_VERSION"), "utf8").trim();
  if (version !== postgresVersion) {
    throw new DataDirectoryDamagedError(
      `The database in ${directory} was made by Postgres ${JSON.stringify(version.slice(0, 10))}, and this is Postgres ${postgresVersion}.`,
    );
  }
}

/** Whether a path leads to something; a link to nothing is refused. */
function isThere(path: string): boolean {
  if (existsSync(path)) return true;
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  throw new DataDirectoryUnusableError(`${path} is a link that leads nowhere.`);
}

/**
 * Whether nothing is lost with a database that is not there: another data directory, such as `.data/script` in `.data`, market
 * history, and a folder for mail that has none.
 */
function isHarmless(path: string): boolean {
  if (existsSync(join(path, "lock.sqlite")) || /\.csv(\.gz)?$/i.test(path)) return true;
  return basename(path) === "outbox" && statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/** What desktops, network drives and file systems put into any directory. */
const litter = new Set(
  [
    "lost+found",
    "Thumbs.db",
    "desktop.ini",
    "@eaDir",
    "#recycle",
    "$RECYCLE.BIN",
    "System Volume Information",
  ].map((name) => name.toLowerCase()),
);

/** What a start that was killed before it had a database leaves, and what other programs put anywhere. */
function isExpected(name: string): boolean {
  return (
    name.startsWith("lock.sqlite") ||
    name === "backup.sock" ||
    name.startsWith(`${databaseName}${unfinishedMark}`) ||
    name.startsWith(".") ||
    litter.has(name.toLowerCase())
  );
}

function describeNames(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => JSON.stringify(name));
  return names.length > shown.length
    ? `${shown.join(", ")} and ${names.length - shown.length} more`
    : shown.join(", ");
}
