import { chmodSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";

/** Where Linux has a file system in memory. */
const memory = "/dev/shm";

/** In bytes; no part of the tests was seen to need more than 250 MB. */
const roomNeeded = 2 * 1024 ** 3;

/**
 * Gives this process, and those that it starts, a folder in memory for their temporary files: each data directory has more
 * than a thousand of them, and a disk can take a second for what memory does in thirty milliseconds. Goes with the process.
 * Where there is no such file system, or a small one as in most containers, everything stays as it is.
 */
export function keepTemporaryFilesInMemory(): void {
  // biome-ignore lint/style/noProcessEnv: what Node and every program it starts ask where temporary files go.
  const env = process.env;
  if (env.TMPDIR !== undefined || !hasRoom()) return;
  const folder = mkdtempSync(join(memory, "obsqra-tests-"));
  // Postgres runs as a user of its own, which has to reach its directory.
  chmodSync(folder, 0o755);
  env.TMPDIR = folder;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= roomNeeded;
  } catch {
    return false;
  }
}
