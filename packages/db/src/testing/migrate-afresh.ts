import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import type { Database } from "../database.ts";
import { migrations } from "../migrate.ts";

/** Empties a database and brings its schema to where a migration left it, for tests of what a later one does to data. */
export async function migrateAfresh(db: Database, until: keyof typeof migrations): Promise<void> {
  await sql`drop schema public cascade`.execute(db);
  await sql`create schema public`.execute(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateTo(until);
  if (error !== undefined) throw error;
}
