import { sql } from "kysely";
import type { Database } from "./database.ts";
import { DataDirectoryDamagedError, isDataDamaged } from "./database-errors.ts";

/**
 * Refuses a database in which the file of a table or an index is gone or was emptied, which Postgres takes for a table without
 * rows. Looks at sizes, and reads one row at most of the tables that are empty: a table whose rows were all deleted has an
 * index of some size, too, but one that leads nowhere.
 *
 * @throws DataDirectoryDamagedError naming the table or index
 */
export async function assertIntact(db: Database): Promise<void> {
  const { rows: relations } = await sql<Relation>`
    select quote_ident(table_class.relname) as table_name, quote_ident(index_class.relname) as index_name,
      pg_relation_size(index_class.oid) = 0 as has_no_index,
      pg_get_indexdef(index_class.oid, 1, true) as first_column
    from pg_index as i
    join pg_class as table_class on table_class.oid = i.indrelid
    join pg_class as index_class on index_class.oid = i.indexrelid
    where table_class.relnamespace = cast(current_schema() as regnamespace) and table_class.relkind = 'r'
      -- What others keep in the schema and do not show is not ours to judge.
      and has_table_privilege(table_class.oid, 'select')
      and (pg_relation_size(index_class.oid) = 0
        or (i.indisprimary and pg_relation_size(table_class.oid) = 0
          and pg_relation_size(index_class.oid) > cast(current_setting('block_size') as integer)))`.execute(
    db,
  );
  for (const relation of relations) {
    // Every index starts with a page that describes it.
    if (relation.has_no_index) throw damaged(`the index ${relation.index_name}`);
    if (!(await leadsNowhere(db, relation))) throw damaged(`the table ${relation.table_name}`);
  }
}

interface Relation {
  readonly table_name: string;
  readonly index_name: string;
  readonly has_no_index: boolean;
  readonly first_column: string;
}

/** Whether the primary key of a table without pages leads to no row. */
async function leadsNowhere(
  db: Database,
  { table_name, first_column }: Pick<Relation, "table_name" | "first_column">,
): Promise<boolean> {
  try {
    await db.transaction().execute(async (trx) => {
      // Whatever does not go by the index sees no row. `local`: the connection goes on being used.
      await sql`select set_config(name, 'off', true) from unnest(array[
        'enable_seqscan', 'enable_bitmapscan', 'enable_indexonlyscan', 'enable_sort']) as name`.execute(trx);
      await sql`select * from ${sql.raw(table_name)} order by ${sql.raw(first_column)} limit 1`.execute(trx);
    });
    return true;
  } catch (error) {
    if (isDataDamaged(error)) return false;
    throw error;
  }
}

function damaged(what: string): DataDirectoryDamagedError {
  return new DataDirectoryDamagedError(
    `The files of the database are damaged: the file of ${what} is empty or gone, though it had contents.`,
  );
}
