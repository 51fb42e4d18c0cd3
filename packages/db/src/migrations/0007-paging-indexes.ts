// Compatible: an older server reads and writes as it did. While an index is built, its table cannot be written to.

import { type Kysely, sql } from "kysely";

/** Indexes in the orders that lists are served in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // By time, transactions are listed as their entries in the chain are, by (user_id, position).
  `drop index transactions_user`,
  `create index transactions_amount on transactions (user_id, amount)`,
  `drop index auth_sessions_user_id`,
  `create index auth_sessions_user_id on auth_sessions (user_id, id desc)`,
];
