// Compatible: an older server neither reads nor writes the cache. While the index is built, about a second per million
// forecasts, no forecast gets its outcome.

import { type Kysely, sql } from "kysely";

/** Cache entries as text, and a quick look at when outcomes were recorded last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Nothing used the table so far. As jsonb, an entry would lose the order of its fields. Unlogged: a crash may empty
  // it, and nothing needs to be written twice.
  `drop table analytics_cache`,
  `create unlogged table analytics_cache (
    key text primary key,
    value text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index analytics_cache_expires_at on analytics_cache (expires_at)`,
  `create index predictions_outcomes on predictions (source, actual_at desc) where actual_at is not null`,
];
