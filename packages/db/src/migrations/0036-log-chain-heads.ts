// Compatible: adds a table, which a server of the previous version neither reads nor writes.

import { type Kysely, sql } from "kysely";

/** Adds where users' chains ended each time that the transparency log committed to it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Only of chains that had gone on since the time before.
  `create table log_chain_heads (
    -- The entry that commits to it.
    leaf_index bigint not null references log_entries,
    chain bigint not null references chained_logs,
    position bigint not null check (position > 0),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (chain, leaf_index)
  )`,
  `create index log_chain_heads_leaf on log_chain_heads (leaf_index)`,
  `create trigger log_chain_heads_append_only before update or delete on log_chain_heads
    for each row execute function refuse_change()`,
  `create trigger log_chain_heads_keep before truncate on log_chain_heads execute function refuse_change()`,
];
