import { sql } from "kysely";
import type { Database } from "../database.ts";

/** A table as it is read and written again. */
export interface BackedUpTable {
  readonly name: string;
  /** Those that can be written, in their order. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What the migrator keeps for itself. */
const ofMigrator = ["kysely_migration", "kysely_migration_lock"];

/** All tables of the application, those first that others refer to. Found in the database, so that a new one cannot be forgotten. */
export async function listBackedUpTables(db: Database): Promise<BackedUpTable[]> {
  const { rows } = await sql<BackedUpTable & { references: string[] }>`
    select relname as name,
      (
        select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum)
        from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
      ) as columns,
      (
        select coalesce(json_agg(distinct target.relname), '[]') from pg_constraint
          join pg_class as target on target.oid = confrelid
        where conrelid = pg_class.oid and contype = 'f' and confrelid <> conrelid
      ) as references
    from pg_class
    where relkind = 'r' and relnamespace = current_schema()::regnamespace
      and relname <> all (${ofMigrator}::text[])
    order by relname`.execute(db);
  const sorted: BackedUpTable[] = [];
  const left = new Map(rows.map((row) => [row.name, row]));
  while (left.size > 0) {
    const free = [...left.values()].filter(({ references }) => !references.some((name) => left.has(name)));
    if (free.length === 0) throw new Error(`Tables refer to each other: ${[...left.keys()].join(", ")}.`);
    for (const { name, columns } of free) {
      sorted.push({ name, columns });
      left.delete(name);
    }
  }
  return sorted;
}
