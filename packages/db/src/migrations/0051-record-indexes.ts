// Compatible: adds indexes only.

import { type Kysely, sql } from "kysely";

/** Indexes that list the forecasts on record of a model or of a month: the others need not be passed over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create index predictions_history_of_models on predictions (source, model_version, created_at, id) where on_record`,
  // The month of as_of, in UTC: written as the statement has it, so that it is used.
  `create index predictions_history_of_months
    on predictions (source, date_trunc('month', as_of at time zone 'UTC'), created_at, id) where on_record`,
];
