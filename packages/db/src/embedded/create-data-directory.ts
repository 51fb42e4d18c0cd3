import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertRoom } from "./disk-room.ts";
import { syncPath } from "./durable-file-system.ts";

/** What a new database takes, and what Postgres wants beside it. */
const newDatabaseBytes = 90_000_000;

/**
 * Makes an empty Postgres data directory where there is none. That takes PGlite 180 MB of memory which it does not give
 * back, so it happens in a process that ends; and under another name, so that a start that is killed leaves nothing
 * half-made.
 *
 * @throws DiskFullError
 */
export async function createDataDirectory(directory: string): Promise<void> {
  removeUnfinished(directory);
  assertRoom(dirname(directory), newDatabaseBytes);
  const unfinished = mkdtempSync(`${directory}${unfinishedMark}`);
  const script = fileURLToPath(new URL("./create-data-directory.process.ts", import.meta.url));
  const child = fork(script, [unfinished], {
    // It runs no code for long enough to be worth optimising, which would take a third of its time.
    execArgv: [...process.execArgv, "--liftoff-only"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
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
  renameSync(unfinished, directory);
  syncPath(dirname(directory));
}

/** Follows the name of a directory that is being made. */
export const unfinishedMark = ".unfinished-";

/** Each attempt has a name of its own: the process of one that was killed may still be writing. */
function removeUnfinished(directory: string): void {
  const prefix = `${basename(directory)}${unfinishedMark}`;
  for (const name of readdirSync(dirname(directory))) {
    if (!name.startsWith(prefix)) continue;
    rmSync(join(dirname(directory), name), { recursive: true, force: true, maxRetries: 10 });
  }
}
