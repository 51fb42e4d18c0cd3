// Compatible: adds a table, which a server of the previous version neither reads nor writes. What it leaves out is added by a later one.

import { type Kysely, sql } from "kysely";

/** Adds the hashes above the leaves of the trees over all chains of users, so that nobody has to hash all of them again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // One for each full tile of 256 hashes of the level below, as in log_hashes.
  `create table log_chain_hashes (
    -- The entry that commits to the tree.
    leaf_index bigint not null references log_entries,
    level smallint not null check (level > 0),
    position bigint not null check (position >= 0),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (leaf_index, level, position)
  )`,
  `create trigger log_chain_hashes_append_only before update or delete on log_chain_hashes
    for each row execute function refuse_change()`,
  `create trigger log_chain_hashes_keep before truncate on log_chain_hashes execute function refuse_change()`,
];
