import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { assertIntact } from "../assert-intact.ts";
import { DataDirectoryDamagedError, isDatabaseUnavailable, isDataDamaged } from "../database-errors.ts";
import { openDatabase } from "../open-database.ts";
import { snapshotFile } from "../testing/create-test-database.ts";

const run = promisify(execFile);

/** A data directory with a migrated database and a table with rows, and where Postgres keeps relations. */
async function createFolder() {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-damaged-"));
  const database = join(folder.path, "pglite");
  await mkdir(database);
  await run("tar", ["-xf", snapshotFile("migrated"), "-C", database]);
  const open = (onDamage?: (error: unknown) => void) =>
    openDatabase({ dataDirectory: folder.path, durability: "relaxed" }, { onDamage });
  const { db, close } = await open();
  await sql`create table kept (n integer primary key, text text)`.execute(db);
  await sql`insert into kept select n, 'some text' from generate_series(1, 1000) as n`.execute(db);
  await sql`create table deleted (n integer primary key)`.execute(db);
  await sql`insert into deleted select generate_series(1, 1000)`.execute(db);
  await sql`delete from deleted`.execute(db);
  await sql`vacuum (truncate) deleted`.execute(db);
  await sql`vacuum kept`.execute(db);
  await sql`checkpoint`.execute(db);
  const { rows } = await sql<{ name: string; path: string; size: number }>`
    select relname as name, pg_relation_filepath(oid) as path, cast(pg_relation_size(oid) as integer) as size
    from pg_class where relname in ('kept', 'kept_pkey', 'deleted', 'deleted_pkey')`.execute(db);
  await close();
  const find = (name: string) => rows.find((row) => row.name === name);
  return {
    open,
    sizeOf: (name: string) => find(name)?.size,
    fileOf: (name: string) => join(database, find(name)?.path ?? ""),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

it.each([
  ["kept", "the table kept"],
  ["kept_pkey", "the index kept_pkey"],
])("finds that the file of %s was emptied or removed, and names it", async (name, named) => {
  await using folder = await createFolder();
  for (const damage of [(file: string) => truncate(file, 0), unlink]) {
    await damage(folder.fileOf(name));
    const { db, close } = await folder.open();
    const refusal = await assertIntact(db).catch((error: unknown) => error);
    await close();
    expect(refusal).toBeInstanceOf(DataDirectoryDamagedError);
    expect((refusal as Error).message).toContain(`the file of ${named} is empty or gone`);
  }
});

it("finds nothing wrong with a table whose rows were all deleted", async () => {
  await using folder = await createFolder();
  // No pages, and an index that had many: what an emptied file looks like by its size.
  expect(folder.sizeOf("deleted")).toBe(0);
  expect(folder.sizeOf("deleted_pkey")).toBeGreaterThan(8_192);
  const { db, close } = await folder.open();
  await assertIntact(db);
  await close();
});

it.each([
  ["overwritten", async (file: string) => writeFile(file, Buffer.alloc((await stat(file)).size, 7))],
  ["removed", unlink],
])(
  "is damaged from the first statement that meets a file that was %s, and says so once",
  async (_, damage) => {
    await using folder = await createFolder();
    await damage(folder.fileOf("kept"));
    const onDamage = vi.fn();
    const { db, state, close } = await folder.open(onDamage);
    expect(await state()).toBe("up");
    const read = () => sql`select text from kept where n = 7`.execute(db).catch((error: unknown) => error);
    const error = await read();
    expect([isDataDamaged(error), isDatabaseUnavailable(error)]).toEqual([true, true]);
    await read();
    expect(await state()).toBe("damaged");
    expect(onDamage).toHaveBeenCalledTimes(1);
    await close();
  },
);
