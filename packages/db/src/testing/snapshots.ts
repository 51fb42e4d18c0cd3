import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import pg from "pg";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import { openDatabase } from "../open-database.ts";
import type { Tables } from "../tables.ts";
import type { TestPostgres } from "./start-postgres.ts";

/** The states that a test database can start in: only the schema, or with market data, models and their forecasts. */
const testSnapshots = ["migrated", "forecasts"] as const;
export type TestSnapshot = (typeof testSnapshots)[number];

/** Adds to a migrated database what the snapshot "forecasts" holds: only those above know how it comes about. */
export type AddForecasts = (db: Database) => Promise<void>;

const root = join(import.meta.dirname, "../../../..");
const cache = join(root, "node_modules/.cache/obsqra-snapshots");

/** Name of the database that a test's database on Postgres is copied from. */
export function templateName(snapshot: TestSnapshot): string {
  return `obsqra_${snapshot}`;
}

/** Makes the databases on a Postgres server that tests copy. */
export async function makePostgresTemplates(
  postgres: TestPostgres,
  addForecasts: AddForecasts,
): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url("postgres") });
  await client.connect();
  let previous = "template1";
  for (const snapshot of testSnapshots) {
    const name = templateName(snapshot);
    await client.query(`create database ${name} template ${previous}`);
    const database = await openDatabase({ url: postgres.url(name) });
    await migrate(database.db);
    if (snapshot === "forecasts") await addForecasts(database.db);
    await database.close();
    previous = name;
  }
  await client.end();
}

/**
 * Makes the PGlite data directories that tests load, or takes those that an earlier run has made of the same sources.
 *
 * @returns the file of each, a tar
 */
export async function makePgliteSnapshots(addForecasts: AddForecasts): Promise<Record<TestSnapshot, string>> {
  const hash = await hashSources();
  const fileOf = (snapshot: TestSnapshot) => join(cache, hash, `${snapshot}.tar`);
  const files = { migrated: fileOf("migrated"), forecasts: fileOf("forecasts") };
  if (existsSync(files.forecasts)) return files;
  await removeOld(hash);
  await mkdir(join(cache, hash), { recursive: true });
  // Every test process copies this into memory: Postgres' own sizes would double that and its time.
  const small = { postgresqlconf: ["shared_buffers = 16MB"], initDbStartParams: ["--wal-segsize=1"] };
  const pglite = await PGlite.create(small);
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  await migrate(db);
  for (const snapshot of testSnapshots) {
    if (snapshot === "forecasts") await addForecasts(db);
    await writeWhole(files[snapshot], await pglite.dumpDataDir("none"));
  }
  await pglite.close();
  return files;
}

/** A file that is there is complete, also when two runs write it at once. */
async function writeWhole(file: string, content: Blob): Promise<void> {
  const part = `${file}.${process.pid}`;
  await writeFile(part, Buffer.from(await content.arrayBuffer()));
  await rename(part, file);
}

/** Of everything that can change what is in a snapshot: the sources of the packages, and what is installed. */
async function hashSources(): Promise<string> {
  const files: string[] = [];
  const sources = ["pnpm-lock.yaml", "packages/*/src/**/*.{ts,json}"];
  for await (const file of glob(sources, { cwd: root, exclude: ["**/*.test.ts"] })) files.push(file);
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${file}\n`).update(await readFile(join(root, file)));
  return hash.digest("hex").slice(0, 16);
}

/** Of the last few sources, so that switching between two branches does not make them each time. */
async function removeOld(current: string): Promise<void> {
  const kept = 4;
  const names = existsSync(cache) ? await readdir(cache) : [];
  const older = names.filter((name) => name !== current).sort();
  for (const name of older.slice(0, Math.max(0, older.length - kept))) {
    await rm(join(cache, name), { recursive: true, force: true });
  }
}
