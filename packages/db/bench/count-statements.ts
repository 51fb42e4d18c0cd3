import { sql } from "kysely";
import type { Database } from "../src/database.ts";

/** Flags for a Postgres whose statements are to be counted. */
export const countingFlags = ["-c", "shared_preload_libraries=pg_stat_statements"];

/** Counts nothing until `startCounting`: it costs every statement time. */
export async function prepareCounting(db: Database): Promise<void> {
  await sql`create extension pg_stat_statements`.execute(db);
  // Not as a flag, which nothing could change later.
  await sql`alter system set pg_stat_statements.track = 'none'`.execute(db);
  await sql`select pg_reload_conf()`.execute(db);
}

/** Lets Postgres count the statements that its clients send, `begin` and `commit` included. */
export async function startCounting(db: Database): Promise<void> {
  await sql`alter system set pg_stat_statements.track = 'top'`.execute(db);
  await sql`select pg_reload_conf()`.execute(db);
}

/** The number of statements that were sent while something was done. */
export async function countStatements(db: Database, work: () => Promise<void>): Promise<number> {
  await sql`select pg_stat_statements_reset()`.execute(db);
  await work();
  const { rows } = await sql<{ calls: number }>`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query not like '%pg_stat_statements%'`.execute(
    db,
  );
  return rows[0]?.calls ?? 0;
}
