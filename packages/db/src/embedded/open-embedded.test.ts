import { execFile } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { afterAll, describe, expect, inject, it, vi } from "vitest";
import { DataDirectoryDamagedError, isDatabaseUnavailable, isDiskFull } from "../database-errors.ts";
import { type OpenDatabase, openDatabase } from "../open-database.ts";
import { snapshotFile } from "../testing/create-test-database.ts";
import { hasEmbeddedDatabase } from "./open-embedded.ts";

const run = promisify(execFile);

/** A data directory with a migrated database, as an earlier start leaves it. */
async function createFolder(path?: string) {
  const dataDirectory = path ?? (await mkdtemp(join(tmpdir(), "obsqra-embedded-")));
  const database = join(dataDirectory, "pglite");
  await mkdir(database, { recursive: true });
  await run("tar", ["-xf", snapshotFile("migrated"), "-C", database]);
  return {
    dataDirectory,
    database,
    [Symbol.asyncDispose]: () => rm(dataDirectory, { recursive: true, force: true }),
  };
}

it("names a directory in the place of the file that says that there was a database", async () => {
  await using folder = await createFolder();
  const file = join(folder.dataDirectory, "database-made");
  await mkdir(file);
  await expect(openDatabase(folder)).rejects.toThrow(`${file} cannot be used: it is a directory.`);
});

it("counts what may have changed something, also within transactions, and nothing that only reads", async () => {
  await using folder = await createFolder();
  const { db, writes, close } = await openDatabase({ ...folder, durability: "relaxed" });
  await sql`create table kept (n integer)`.execute(db);
  const before = writes?.() ?? Number.NaN;
  await sql`select n from kept`.execute(db);
  await db.transaction().execute((trx) => sql`select n from kept`.execute(trx));
  expect(writes?.()).toBe(before);
  await db.transaction().execute((trx) => sql`insert into kept values (1)`.execute(trx));
  await sql`insert into kept values (2)`.execute(db);
  expect(writes?.()).toBe(before + 2);
  await close();
});

describe("a directory that is not a whole database", () => {
  it("is refused and left as it is, whichever part is missing", async () => {
    await using folder = await createFolder();
    const elsewhere = join(folder.dataDirectory, "elsewhere");
    for (const name of ["PG_VERSION", "base", "global/pg_control", "pg_wal"]) {
      await rename(join(folder.database, name), elsewhere);
      const before = await readdir(folder.database, { recursive: true });
      await expect(openDatabase(folder)).rejects.toThrow(`not a whole database: ${name} missing`);
      expect(() => hasEmbeddedDatabase(folder.dataDirectory)).toThrow(DataDirectoryDamagedError);
      expect(await readdir(folder.database, { recursive: true })).toEqual(before);
      await rename(elsewhere, join(folder.database, name));
    }
  });

  it("is refused when it is of another version of Postgres, or something else altogether", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.database, "PG_VERSION"), "17\n");
    await expect(openDatabase(folder)).rejects.toThrow('was made by Postgres "17", and this is Postgres 18');
    await rm(folder.database, { recursive: true });
    await mkdir(folder.database);
    await writeFile(join(folder.database, "photo.jpg"), "");
    await expect(openDatabase(folder)).rejects.toThrow(DataDirectoryDamagedError);
  });

  const zeroed: [string, number][] = [
    ["global/pg_control", 8_192],
    ["global/pg_control", 0],
    ["PG_VERSION", 0],
  ];
  it.each(inject("isLong") ? zeroed : zeroed.slice(0, 1))(
    "is refused with a message, and can be opened by others afterwards, when %s is %d zeros",
    async (name, size) => {
      await using folder = await createFolder();
      await writeFile(join(folder.database, name), Buffer.alloc(size));
      await expect(openDatabase(folder)).rejects.toThrow(DataDirectoryDamagedError);
      // The lock was given back.
      await expect(openDatabase(folder)).rejects.toThrow(DataDirectoryDamagedError);
    },
  );
});

describe("what was acknowledged", () => {
  it("is read by the next that opens the directory, and is on the disk first with full durability alone", async () => {
    await using folder = await createFolder();
    expect(await countSyncs({ ...folder, durability: "full" }, 0)).toBe(5);
    expect(await countSyncs({ ...folder, durability: "relaxed" }, 5)).toBe(0);
    // What was relaxed is read as well.
    expect(await countSyncs({ ...folder, durability: "relaxed" }, 10)).toBe(0);
  });
});

/**
 * How often the operating system is asked to write to the disk while five rows are written, one by one.
 *
 * @param expected how many rows those before have left
 */
async function countSyncs(
  options: { readonly dataDirectory: string; readonly durability: "full" | "relaxed" },
  expected: number,
): Promise<number> {
  const { default: fs } = await import("node:fs");
  const spy = vi.spyOn(fs, "fsyncSync");
  // Named imports of built-in modules follow the object only when they are told to.
  (await import("node:module")).syncBuiltinESMExports();
  const { db, close } = await openDatabase(options);
  try {
    await sql`create table if not exists kept (n integer)`.execute(db);
    expect((await sql`select n from kept`.execute(db)).rows).toHaveLength(expected);
    const before = spy.mock.calls.length;
    for (let n = 0; n < 5; n += 1) await sql`insert into kept values (${n})`.execute(db);
    return spy.mock.calls.length - before;
  } finally {
    await close();
    spy.mockRestore();
    (await import("node:module")).syncBuiltinESMExports();
  }
}

/** A disk of its own, which needs the rights of an administrator. */
async function mountSmallDisk(megabytes: number) {
  const path = await mkdtemp(join(tmpdir(), "obsqra-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    /** Leaves so much room and no more. */
    leave: async (bytes: number) => {
      const { bavail, bsize } = statfsSync(path);
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
    },
    clear: async () => {
      if (existsSync(ballast)) await unlink(ballast);
    },
    [Symbol.asyncDispose]: async () => {
      await run("umount", ["-l", path]);
      await rm(path, { recursive: true });
    },
  };
}

async function fill({ db }: OpenDatabase): Promise<unknown> {
  for (let round = 0; round < 1_000; round += 1) {
    const more = sql`insert into filler select repeat(md5(random()::text), 200) from generate_series(1, 200)`;
    const error = await more.execute(db).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error !== undefined) return error;
  }
  return undefined;
}

const disk = await mountSmallDisk(160);
if (disk === undefined && inject("databaseEngine") === "pglite") {
  process.stderr.write("SKIPPED: a small disk cannot be mounted here, so a full one is not tested.\n");
}

afterAll(() => disk?.[Symbol.asyncDispose]());

describe.skipIf(disk === undefined)("on a full disk", () => {
  it("says so where there is no room to begin, ends, and makes nothing", async () => {
    if (disk === undefined) return;
    await disk.leave(1_000_000);
    const dataDirectory = join(disk.path, "none");
    await mkdir(dataDirectory);
    await expect(openDatabase({ dataDirectory })).rejects.toSatisfy(isDiskFull);
    expect(existsSync(join(dataDirectory, "pglite"))).toBe(false);
    await disk.clear();
  });

  it.each([
    ["a table grows", 500_000] as const,
    ...(inject("isLong") ? [["the log grows", 20_000_000] as const] : []),
  ])(
    "reports it while %s, goes on reading or fails at once, and writes again when there is room",
    async (_, room) => {
      if (disk === undefined) return;
      const folder = await createFolder(join(disk.path, "data"));
      const database = await openDatabase(folder);
      try {
        await sql`create table filler (text text)`.execute(database.db);
        await sql`insert into filler values ('acknowledged')`.execute(database.db);
        expect(await database.state()).toBe("up");
        await disk.leave(room);
        const error = await fill(database);
        expect(error).toSatisfy(isDiskFull);
        expect(error).toSatisfy(isDatabaseUnavailable);
        expect(await database.state()).toBe("full");
        // A transaction, whose rollback would be the next to hang.
        const write = database.db.transaction().execute(async (trx) => {
          throw await fill({ ...database, db: trx });
        });
        const outcome = await write.catch((reason: unknown) => reason);
        expect(outcome).toSatisfy(isDatabaseUnavailable);
        await sql`checkpoint`.execute(database.db).catch(() => {});
        expect(await database.state()).toBe("full");
        await disk.clear();
        await vi.waitFor(async () => expect(await database.state()).toBe("up"), {
          timeout: 30_000,
          interval: 200,
        });
        const { rows } = await sql`select text from filler where text = 'acknowledged'`.execute(database.db);
        expect(rows).toHaveLength(1);
        await sql`insert into filler values ('afterwards')`.execute(database.db);
      } finally {
        await disk.clear();
        await database.close();
        await folder[Symbol.asyncDispose]();
      }
    },
  );

  it.runIf(inject("isLong"))("closes, too, after the database has given up", async () => {
    if (disk === undefined) return;
    const folder = await createFolder(join(disk.path, "data"));
    const database = await openDatabase(folder);
    await sql`create table filler (text text)`.execute(database.db);
    await disk.leave(100_000);
    await fill(database);
    await sql`checkpoint`.execute(database.db).catch(() => {});
    await database.close();
    await disk.clear();
    const again = await openDatabase(folder);
    expect(await again.state()).toBe("up");
    await again.close();
  });
});
