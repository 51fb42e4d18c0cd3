// Compatible: an older server goes on serving beside one of this version. It neither reads nor writes the new tables.

import { type Kysely, sql } from "kysely";

/** Replies that are replayed for the same idempotency key, shared counters of rate limits, and plans. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...idempotency, ...limits]) await sql.raw(statement).execute(db);
}

const idempotency = [
  // The owner is not a foreign key: that would lock the user's row first of all, and get in the way of changes that lock it.
  `create table idempotency_keys (
    owner text not null,
    key_hash bytea not null check (length(key_hash) = 32),
    sealed bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (owner, key_hash)
  )`,
  `create index idempotency_keys_expires_at on idempotency_keys (expires_at)`,
];

const limits = [
  `alter table users add column plan text not null default 'free' check (plan in ('free', 'pro'))`,
  // The columns that rate-limiter-flexible expects. Unlogged: a crash may forget counts, and each call writes some.
  `create unlogged table rate_limits (
    key text primary key,
    points integer not null default 0,
    expire bigint
  )`,
  `create index rate_limits_expire on rate_limits (expire)`,
];
