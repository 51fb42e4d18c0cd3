import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { DataDirectoryDamagedError, isDatabaseUnavailable } from "../database-errors.ts";
import { openDatabase } from "../open-database.ts";
import { snapshotFile } from "../testing/create-test-database.ts";

const run = promisify(execFile);

async function openInFolder() {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-lost-"));
  const database = join(folder.path, "pglite");
  await mkdir(database);
  await run("tar", ["-xf", snapshotFile("migrated"), "-C", database]);
  const onDamage = vi.fn();
  const opened = await openDatabase({ dataDirectory: folder.path, durability: "relaxed" }, { onDamage });
  await sql`create table kept (n integer)`.execute(opened.db);
  return {
    ...opened,
    database,
    onDamage,
    write: () => sql`insert into kept values (1)`.execute(opened.db),
    writeInTransaction: () =>
      opened.db.transaction().execute(async (trx) => {
        await sql`insert into kept values (2)`.execute(trx);
      }),
    [Symbol.asyncDispose]: async () => {
      await opened.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

it.each<[string, (database: string) => Promise<void>]>([
  ["removed", (database) => rm(database, { recursive: true })],
  ["without its log", (database) => rm(join(database, "pg_wal"), { recursive: true })],
  ["moved away", (database) => rename(database, `${database}-old`)],
  [
    "replaced by a copy",
    async (database) => {
      await run("cp", ["-a", database, `${database}-copy`]);
      await rename(database, `${database}-old`);
      await rename(`${database}-copy`, database);
    },
  ],
])("acknowledges nothing once its directory is %s, and makes no new one", async (_, lose) => {
  await using opened = await openInFolder();
  await opened.write();
  expect(await opened.state()).toBe("up");
  await lose(opened.database);
  const left = await readdir(join(opened.database, "..")).then((names) => names.toSorted());
  const errors: unknown[] = [];
  for (const write of [opened.writeInTransaction, opened.write, opened.writeInTransaction, opened.write]) {
    const error = await write().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataDirectoryDamagedError);
    expect(errors).not.toContain(error);
    errors.push(error);
    expect(isDatabaseUnavailable(error)).toBe(true);
  }
  expect(await opened.state()).toBe("damaged");
  expect(opened.onDamage).toHaveBeenCalledTimes(1);
  expect(await readdir(join(opened.database, "..")).then((names) => names.toSorted())).toEqual(left);
});

it("notices without a write that its directory is gone", async () => {
  await using opened = await openInFolder();
  await rm(opened.database, { recursive: true });
  expect(await opened.state()).toBe("damaged");
});
