import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase, readSchemaState } from "@obsqra/db";
import { describe, expect, inject, it } from "vitest";
import { transactionsCommand } from "../../src/commands/transactions-command.ts";
import { runHere } from "./run-here.ts";
import { runScript } from "./run-script.ts";
import { createTestFolder } from "./spawn-server.ts";
import { startHere } from "./start-here.ts";

const verify = (folder: { readonly data: string }) =>
  runHere(transactionsCommand, "verify", { DATA_DIRECTORY: folder.data });

/** A refusal is a message for people: no stack, no file of ours. */
function expectPlain(text: string): void {
  expect(text).not.toMatch(/\n\s+at |\.ts\b|node:internal|Error:/);
}

describe.runIf(inject("databaseEngine") === "pglite")("a command, and the start, on a data directory", () => {
  it("that was restored in part leave it as it is, and say what is missing", async () => {
    await using folder = await createTestFolder("a database");
    const database = join(folder.data, "pglite");
    await rm(join(database, "PG_VERSION"));
    const before = await readdir(database, { recursive: true });
    const refused = await verify(folder);
    expect(refused).toMatchObject({ code: 1, out: "" });
    const { code, output } = await startHere(folder, { MARKET_SOURCE: "simulated" });
    expect(code).toBe(1);
    for (const message of [refused.err, output]) {
      expect(message).toContain("not a whole database: PG_VERSION missing");
      expect(message).toContain("Restore it from a backup");
      expectPlain(message);
    }
    expect(await readdir(database, { recursive: true })).toEqual(before);
  });

  it("whose files are damaged say so, without a stack", async () => {
    await using folder = await createTestFolder("a database");
    await writeFile(join(folder.data, "pglite", "global", "pg_control"), Buffer.alloc(8_192, 7));
    const refused = await verify(folder);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("its files are damaged or incomplete");
    expectPlain(refused.err);
  });

  it("end also where Postgres gives up with a timer running", async () => {
    await using folder = await createTestFolder("a database");
    const file = join(folder.data, "pglite", "pg_hba.conf");
    await writeFile(file, "x y\n");
    // What the first one leaves behind has to be recovered by the next one.
    await verify(folder);
    const { code, err } = await runScript("transactions", ["verify"], {
      cwd: folder.data,
      env: { DATA_DIRECTORY: folder.data },
    });
    expect(code).toBe(1);
    expect(err).toContain("its files are damaged or incomplete");
  });

  it("with half a secret refuse it, and keep it", async () => {
    await using folder = await createTestFolder("a database");
    const file = join(folder.data, "secret-key");
    await writeFile(file, "x");
    const { code, output } = await startHere(folder, { MARKET_SOURCE: "simulated" });
    expect([code, output]).toEqual([
      1,
      expect.stringContaining("instead of a secret of 64 hexadecimal digits"),
    ]);
    expectPlain(output);
    expect(await readFile(file, "utf8")).toBe("x");
  });
});

describe.runIf(inject("databaseEngine") === "pglite")("a command", () => {
  it("makes nothing where there is nothing", async () => {
    await using folder = await createTestFolder("a database");
    await rename(folder.data, `${folder.data}-elsewhere`);
    expect(await verify(folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining("There is no database in"),
    });
    await expect(readdir(folder.data)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("does not touch the schema of an earlier version", async () => {
    await using folder = await createTestFolder("a database");
    const open = () => openDatabase({ dataDirectory: folder.data, durability: "relaxed" });
    const before = await open();
    // Kysely's own table, which is not one of ours.
    const applied = (db: typeof before.db) =>
      db.withTables<{ kysely_migration: { name: string; timestamp: string } }>();
    await applied(before.db).deleteFrom("kysely_migration").where("name", "like", "0010%").execute();
    expect(await readSchemaState(before.db)).toBe("older");
    await before.close();
    expect(await verify(folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining("is of an earlier version."),
    });
    const after = await open();
    expect(await readSchemaState(after.db)).toBe("older");
    await applied(after.db)
      .insertInto("kysely_migration")
      .values({ name: "9999-later", timestamp: "" })
      .execute();
    await after.close();
    expect(await verify(folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining("is of a later version."),
    });
  });
});
