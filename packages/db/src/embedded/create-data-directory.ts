import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataDirectoryDamagedError } from "../database-errors.ts";
import { assertRoom } from "./disk-room.ts";
import { syncPath } from "./durable-file-system.ts";

/** What a new database takes, and what Postgres wants beside it. */
const newDatabaseBytes = 90_000_000;

/** The version of Postgres that PGlite is. */
const postgresVersion = "18";

/**
 * Makes an empty Postgres data directory unless there is one. That takes PGlite 180 MB of memory which it does not give
 * back, so it happens in a process that ends; and under another name, so that a start that is killed leaves nothing
 * half-made.
 *
 * @throws DataDirectoryDamagedError when there is something else, DiskFullError
 */
export async function createDataDirectory(directory: string): Promise<void> {
  if (inspectDataDirectory(directory) === "database") return;
  removeUnfinished(directory);
  assertRoom(dirname(directory), newDatabaseBytes);
  const unfinished = mkdtempSync(`${directory}${unfinishedMark}`);
  const script = fileURLToPath(new URL("./create-data-directory.process.ts", import.meta.url));
  const child = fork(script, [unfinished], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [exitCode] = await once(child, "close");
  if (exitCode !== 0) {
    rmSync(unfinished, { recursive: true, force: true, maxRetries: 10 });
    assertRoom(dirname(directory), newDatabaseBytes);
    throw new Error(`The data directory ${directory} could not be created.`, { cause: new Error(output) });
  }
  // An empty one may be there; not every system puts another in its place.
  if (existsSync(directory)) rmdirSync(directory);
  renameSync(unfinished, directory);
  syncPath(dirname(directory));
}

/**
 * Tells whether a directory holds a database. One that holds anything else is left alone: PGlite would make a new, empty
 * database of what may be a backup that was restored in part.
 *
 * @throws DataDirectoryDamagedError
 */
export function inspectDataDirectory(directory: string): "nothing" | "database" {
  if (!existsSync(directory)) return "nothing";
  const names = new Set(readdirSync(directory));
  if (names.size === 0) return "nothing";
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
  return "database";
}

const unfinishedMark = ".unfinished-";

/** Each attempt has a name of its own: the process of one that was killed may still be writing. */
function removeUnfinished(directory: string): void {
  const prefix = `${basename(directory)}${unfinishedMark}`;
  for (const name of readdirSync(dirname(directory))) {
    if (!name.startsWith(prefix)) continue;
    rmSync(join(dirname(directory), name), { recursive: true, force: true, maxRetries: 10 });
  }
}
