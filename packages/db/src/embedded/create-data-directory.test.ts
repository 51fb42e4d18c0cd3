import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { expect, it } from "vitest";
import { createDataDirectory } from "./create-data-directory.ts";

/** Every row of the system catalogs, and every setting. */
async function describeDatabase(directory: string): Promise<Map<string, string[]>> {
  await using database = await PGlite.create({ dataDir: directory });
  const described = new Map<string, string[]>();
  const read = async (name: string, query: string) => {
    const { rows } = await database.query<{ text: string }>(query);
    described.set(name, rows.map(({ text }) => text).sort());
  };
  const catalogs = await database.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r'",
  );
  for (const { name } of catalogs.rows) await read(name, `select t::text as text from pg_catalog.${name} t`);
  await read("settings", "select name || ' = ' || setting as text from pg_settings");
  return described;
}

it("makes the database that initdb of this version makes", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-create-"));
  const [ours, theirs] = [join(folder.path, "ours"), join(folder.path, "theirs")];
  await createDataDirectory(ours);
  expect(await readdir(folder.path)).toEqual(["ours"]);
  const made = await describeDatabase(ours);
  const expected = await describeDatabase(theirs);
  expect([...made.keys()]).toEqual([...expected.keys()]);
  const differing = [...expected].flatMap(([name, rows]) => {
    const others = new Set(made.get(name));
    return rows.filter((row) => !others.has(row)).map((row) => `${name}: ${row}`);
  });
  // The minor version that ran initdb, which tells nothing of the catalogs, and two names of one time zone.
  const known = /PostgreSQL|TimeZone = UTC|log_timezone = UTC|data_directory/i;
  expect(differing.filter((line) => !known.test(line))).toEqual([]);
  expect(made.get("pg_proc")).toHaveLength(expected.get("pg_proc")?.length ?? 0);
});
