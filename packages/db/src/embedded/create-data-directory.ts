import { mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { dataDir } from "@electric-sql/pglite-prepopulatedfs";
import { extract } from "tar";
import { assertRoom } from "./disk-room.ts";
import { syncPath } from "./durable-file-system.ts";

/** What a new database takes, and what Postgres wants beside it. */
const newDatabaseBytes = 90_000_000;

/**
 * Makes an empty Postgres data directory where there is none; under another name at first, so that a start that is killed
 * leaves nothing half-made.
 *
 * @throws DiskFullError
 */
export async function createDataDirectory(directory: string): Promise<void> {
  removeUnfinished(directory);
  assertRoom(dirname(directory), newDatabaseBytes);
  const unfinished = mkdtempSync(`${directory}${unfinishedMark}`);
  try {
    await unpack(unfinished);
    await syncAll(unfinished);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true, maxRetries: 10 });
    assertRoom(dirname(directory), newDatabaseBytes);
    throw new Error(`The data directory ${directory} could not be created.`, { cause: error });
  }
  renameSync(unfinished, directory);
  syncPath(dirname(directory));
}

/** Follows the name of a directory that is being made. */
export const unfinishedMark = ".unfinished-";

/** Each attempt has a name of its own: another process may still be writing. */
function removeUnfinished(directory: string): void {
  const prefix = `${basename(directory)}${unfinishedMark}`;
  for (const name of readdirSync(dirname(directory))) {
    if (!name.startsWith(prefix)) continue;
    rmSync(join(dirname(directory), name), { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The empty database that `initdb` makes, which PGlite publishes: to run `initdb` takes 670 MB of memory and some seconds. */
async function unpack(directory: string): Promise<void> {
  const archive = await dataDir();
  let failure: unknown;
  const extraction = extract({
    cwd: directory,
    // That a file could not be written is a warning to it, and that the names in this archive begin with "/" is information.
    onwarn: (code, message) => {
      if (code !== "TAR_ENTRY_INFO") failure ??= message;
    },
  });
  await pipeline(archive.stream(), extraction);
  if (failure !== undefined) throw failure;
}

/** What later commits rest on has to be on the disk. Several at once take the disk less time than one after the other. */
async function syncAll(directory: string): Promise<void> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).values();
  const syncNext = async () => {
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) syncPath(path);
      else {
        await using file = await open(path);
        await file.sync();
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, syncNext));
  syncPath(directory);
}
