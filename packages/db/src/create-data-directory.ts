import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Makes an empty Postgres data directory unless there is one. That takes PGlite 180 MB of memory which it does not give
 * back, so it happens in a process that ends; and under another name, so that a start that is killed leaves nothing
 * half-made.
 */
export async function createDataDirectory(directory: string): Promise<void> {
  if (existsSync(directory)) return;
  removeUnfinished(directory);
  const unfinished = mkdtempSync(`${directory}${unfinishedMark}`);
  const script = fileURLToPath(new URL("./create-data-directory.process.ts", import.meta.url));
  const [exitCode] = await once(fork(script, [unfinished]), "exit");
  if (exitCode !== 0) throw new Error(`The data directory ${directory} could not be created.`);
  renameSync(unfinished, directory);
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
