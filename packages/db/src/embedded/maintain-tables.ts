import { sql } from "kysely";
import type { Database } from "../database.ts";

interface Changed {
  readonly name: string;
  readonly is_changed: boolean;
  readonly is_littered: boolean;
}

/**
 * Does once what autovacuum does on a server, and what nobody does on the embedded database: collects statistics of tables that
 * have changed, without which a list takes longer with every row, and frees the room of rows that are gone. A table at a
 * time, so that requests come between.
 *
 * The thresholds are those of autovacuum: 50 rows and a tenth of the table for statistics, 50 rows and a fifth for freeing
 * (https://www.postgresql.org/docs/18/runtime-config-vacuum.html). Statistics rest on a tenth of the usual sample, 3,000 rows,
 * since the thread that serves requests reads them.
 *
 * @param signal - aborts when the server stops: no further table is begun
 * @returns the names of the tables
 */
export async function maintainTables(db: Database, signal: AbortSignal): Promise<string[]> {
  // What this session has counted is otherwise seen up to a second later.
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<Changed>`
    select relname as name,
      n_mod_since_analyze > 50 + 0.1 * n_live_tup as is_changed, n_dead_tup > 50 + 0.2 * n_live_tup as is_littered
    from pg_stat_user_tables where schemaname = current_schema() order by relname`.execute(db);
  const maintained: string[] = [];
  for (const { name, is_changed, is_littered } of rows) {
    if (signal.aborted) break;
    // Not within a transaction, which Postgres forbids.
    if (is_littered) await sql`vacuum ${sql.table(name)}`.execute(db);
    if (is_changed) await collectStatistics(db, name);
    if (is_littered || is_changed) maintained.push(name);
  }
  return maintained;
}

async function collectStatistics(db: Database, table: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local default_statistics_target = 10`.execute(trx);
    await sql`analyze ${sql.table(table)}`.execute(trx);
  });
}
