import { sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * A digest of the rows of every table, by the table's name, without regard to their order. Tables are found in the
 * database itself, so that a new one cannot be forgotten.
 */
export async function digestTables(db: Database): Promise<Map<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE' order by table_name`.execute(db);
  const digests = tables.map(
    ({ name }) => sql`select cast(${name} as text) as name,
      md5(coalesce(string_agg(cast(t as text), chr(10) order by cast(t as text) collate "C"), '')) as digest
      from ${rowsOf(name)} t`,
  );
  const { rows } = await sql<{
    name: string;
    digest: string;
  }>`${sql.join(digests, sql` union all `)}`.execute(db);
  return new Map(rows.map(({ name, digest }) => [name, digest]));
}

/** Every row of a table as text, in no particular order. */
export async function readRowTexts(db: Database, table: string): Promise<string[]> {
  const { rows } = await sql<{
    text: string;
  }>`select cast(t as text) as text from ${rowsOf(table)} t`.execute(db);
  return rows.map(({ text }) => text);
}

/** Columns that have the id of a transaction, which depends on all that the database has done before. */
const withTransactionIds: Readonly<Record<string, readonly string[]>> = {
  events: ["transaction_id"],
  event_readers: ["transaction_id"],
  webhooks: ["made_by_transaction"],
  webhook_deliveries: ["transaction_id", "body"],
};

/** The rows of a table, without the ids of transactions. */
function rowsOf(table: string) {
  const columns = withTransactionIds[table];
  if (columns === undefined) return sql`${sql.table(table)}`;
  return sql`(select to_jsonb(e) - ${[...columns]}::text[] as row from ${sql.table(table)} e)`;
}
