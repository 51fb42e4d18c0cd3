import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Where the file of each table and index is, by name, relative to the directory of the database. */
export async function findRelationFiles(db: Database): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ name: string; path: string }>`
    select relname as name, pg_relation_filepath(oid) as path from pg_class
    where relkind in ('r', 'i') and relnamespace = cast(current_schema() as regnamespace)`.execute(db);
  return new Map(rows.map(({ name, path }) => [name, path]));
}
