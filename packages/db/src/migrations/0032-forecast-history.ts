// Compatible: adds indexes only.

import { type Kysely, sql } from "kysely";

/** Indexes that list the forecasts on record by the moment at which they were made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

// Protocols are few: of one, the aggregates are picked from those of all. Of its markets that would be one row in thousands.
const statements = [
  `create index predictions_history_protocols on predictions (source, created_at, id)
    where on_record and market_id is null`,
  `create index predictions_history_markets on predictions (source, created_at, id)
    where on_record and market_id is not null`,
  `create index predictions_history_markets_of_protocols on predictions (source, protocol, created_at, id)
    where on_record and market_id is not null`,
];
