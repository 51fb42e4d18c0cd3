import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import type { TestProject } from "vitest/node";
import { migrate } from "../migrate.ts";
import type { Tables } from "../tables.ts";
import "./vitest-context.ts";

/** Migrates once and keeps a snapshot that every test starts from. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), "obsqra-pglite-"));
  // Every test copies this into memory: Postgres' own sizes would double that and its time.
  const small = { postgresqlconf: ["shared_buffers = 16MB"], initDbStartParams: ["--wal-segsize=1"] };
  const pglite = await PGlite.create(small);
  await migrate(new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }));
  const snapshot = join(directory, "snapshot.tar");
  await writeFile(snapshot, Buffer.from(await (await pglite.dumpDataDir("none")).arrayBuffer()));
  await pglite.close();
  project.provide("databaseEngine", "pglite");
  project.provide("pgliteSnapshot", snapshot);
  return () => rm(directory, { recursive: true });
}
