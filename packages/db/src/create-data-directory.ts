import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Makes an empty Postgres data directory unless there is one. That takes PGlite 180 MB of memory which it does not give
 * back, so it happens in a process that ends; and under another name, so that a start that is killed leaves nothing
 * half-made.
 */
export async function createDataDirectory(directory: string): Promise<void> {
  if (existsSync(directory)) return;
  const unfinished = `${directory}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const script = fileURLToPath(new URL("./create-data-directory.process.ts", import.meta.url));
  const [exitCode] = await once(fork(script, [unfinished]), "exit");
  if (exitCode !== 0) throw new Error(`The data directory ${directory} could not be created.`);
  renameSync(unfinished, directory);
}
