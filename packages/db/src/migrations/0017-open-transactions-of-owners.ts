// A server of the previous version cannot add to what the chain is to be asked about: its job fails, and the one of this version
// does it.

import { type Kysely, sql } from "kysely";

/** Adds the owner to open transactions, so that owners can take turns when the chain is asked. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of owners) await sql.raw(statement).execute(db);
}

// No reference to the owner, whom the transaction refers to: it would lock accounts while the log is followed.
const owners = [
  "alter table open_transactions add column owner_id uuid",
  `update open_transactions set owner_id = logged.owner_id
    from transactions as logged where logged.id = open_transactions.transaction_id`,
  "alter table open_transactions alter column owner_id set not null",
  "create index open_transactions_owner on open_transactions (owner_id, next_check_at)",
  "drop index open_transactions_next_check_at",
];
