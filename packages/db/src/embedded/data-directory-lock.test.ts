import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, mkdtempDisposable, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DataDirectoryLockedError, DataDirectoryUnusableError } from "../database-errors.ts";
import { lockDataDirectory } from "./data-directory-lock.ts";

/** Holds the lock in a process of its own until it is killed. */
async function lockInOtherProcess(directory: string) {
  const script = `import { lockDataDirectory } from ${JSON.stringify(new URL("./data-directory-lock.ts", import.meta.url).href)};
    lockDataDirectory(${JSON.stringify(directory)}); process.stdout.write("locked"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(holder.stdout, "data");
  return holder;
}

it("refuses a directory that another process has, and gives it as soon as that process is killed", async () => {
  const directory = await mkdtemp(join(tmpdir(), "obsqra-lock-"));
  const holder = await lockInOtherProcess(directory);
  expect(() => lockDataDirectory(directory)).toThrow(DataDirectoryLockedError);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  lockDataDirectory(directory)();
  await rm(directory, { recursive: true });
});

it("refuses a path that is not a directory, and a lock file that is not a lock", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-lock-"));
  await writeFile(join(folder.path, "a-file"), "");
  expect(() => lockDataDirectory(join(folder.path, "a-file"))).toThrow(DataDirectoryUnusableError);
  await writeFile(
    join(folder.path, "lock.sqlite"),
    "not made by us, and longer than SQLite's header of 100 bytes".repeat(3),
  );
  expect(() => lockDataDirectory(folder.path)).toThrow(DataDirectoryUnusableError);
});

it.each(["lock.sqlite", "lock.sqlite-journal"])("names a directory in the place of %s", async (name) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-lock-"));
  await mkdir(join(folder.path, name));
  const lock = () => lockDataDirectory(folder.path);
  expect(lock).toThrow(DataDirectoryUnusableError);
  expect(lock).toThrow(`${join(folder.path, name)} cannot be used: it is a directory.`);
});
