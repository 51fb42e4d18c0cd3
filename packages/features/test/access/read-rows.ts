import type { Database } from "@obsqra/db";
import { sql } from "kysely";

/**
 * Every row of every table that says whose it is, and what hangs on such rows, as text. Tables are found in the
 * database itself, so that a new one cannot be forgotten.
 */
export async function readRowsOf(db: Database, userId: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await sql<{ name: string; owner: string }>`
    select table_name as name, column_name as owner from information_schema.columns
    where table_schema = current_schema() and column_name in ('user_id', 'owner_id') order by 1, 2`.execute(
    db,
  );
  const found: Record<string, string[]> = {};
  for (const { name, owner } of tables) {
    const isTheirs = sql`cast(${sql.ref(owner)} as text) = ${userId}`;
    found[name] = await readTexts(db, sql`select * from ${sql.table(name)} where ${isTheirs}`);
  }
  found.users = await readTexts(db, sql`select * from users where id = ${userId}`);
  found.auth_refresh_tokens = await readTexts(
    db,
    sql`select token.* from auth_refresh_tokens token join auth_sessions session on session.id = token.session_id
      where session.user_id = ${userId}`,
  );
  found.transaction_statuses = await readTexts(
    db,
    sql`select status.* from transaction_statuses status join transactions logged on logged.id = status.transaction_id
      where logged.owner_id = ${userId}`,
  );
  return found;
}

/** What tells somebody's rows from those of others: every id, hash and email address in them. */
export function identifiersIn(rows: Readonly<Record<string, readonly string[]>>): Set<string> {
  const text = Object.values(rows).flat().join();
  return new Set(text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|0x[0-9a-f]{64}|[\w.-]+@[\w.-]+/g));
}

async function readTexts(db: Database, rows: ReturnType<typeof sql>): Promise<string[]> {
  const result = await sql<{ text: string }>`
    select cast(found as text) as text from (${rows}) found order by 1`.execute(db);
  return result.rows.map(({ text }) => text);
}
