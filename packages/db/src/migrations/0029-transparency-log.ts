// Compatible: a server of the previous version writes nothing into the log, and goes on. It does not know the events of outcomes: while
// it runs beside this one, its readers of events stop at the first, and go on after the upgrade.

import { type Kysely, sql } from "kysely";

/** Adds the log of what was forecast, advised and came true, whose entries nobody can change without being seen. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const appendOnly = ["log_entries", "log_hashes", "log_checkpoints"].flatMap((table) => [
  `create trigger ${table}_append_only before update or delete on ${table}
    for each row execute function refuse_change()`,
  `create trigger ${table}_keep before truncate on ${table} execute function refuse_change()`,
]);

const statements = [
  `create table log_entries (
    leaf_index bigint primary key check (leaf_index >= 0),
    type text not null,
    -- What the entry is about, to find it by.
    subject text not null,
    -- To the byte as it is published; its length is published in 16 bits.
    entry bytea not null check (octet_length(entry) <= 65535),
    leaf_hash bytea not null generated always as (sha256('\\x00'::bytea || entry)) stored,
    unique (type, subject)
  )`,
  // Hashes above the leaves: one for each full tile of 256 hashes of the level below.
  `create table log_hashes (
    level smallint not null check (level > 0),
    position bigint not null check (position >= 0),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (level, position)
  )`,
  `create table log_keys (
    sequence bigint primary key generated always as identity,
    verifier_key text not null unique,
    secret_sealed bytea not null,
    -- The entry that announces the key.
    leaf_index bigint not null references log_entries,
    -- That the entry is in the log, signed by the key before; null for the first.
    announcement text,
    created_at timestamptz not null
  )`,
  `create trigger log_keys_append_only before delete on log_keys for each row execute function refuse_change()`,
  `create trigger log_keys_keep before truncate on log_keys execute function refuse_change()`,
  `create table log_checkpoints (
    size bigint primary key,
    note text not null,
    signed_at timestamptz not null
  )`,
  ...appendOnly,
  // What makes the hashes of a suggestion's entry say nothing to whoever does not have it; goes with the account.
  `create table log_salts (
    suggestion_id uuid primary key references rebalance_suggestions,
    owner_id uuid not null references users,
    salt bytea not null check (octet_length(salt) = 32)
  )`,
  `create index log_salts_owner on log_salts (owner_id)`,
  // The log begins with what comes from now on: what was there before was committed nowhere.
  `insert into event_readers (name, transaction_id, sequence, updated_at)
    select 'log', transaction_id, sequence, now() from events
    order by transaction_id desc, sequence desc limit 1`,
];
