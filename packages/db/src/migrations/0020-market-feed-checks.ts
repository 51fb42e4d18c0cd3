// Compatible: an older server knows nothing of it, and imports what this one would not.

import { type Kysely, sql } from "kysely";

/** Keeps why a feed is not loaded, and which of its markets are left out and why. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of checks) await sql.raw(statement).execute(db);
}

const checks = [
  `create table market_feed_failures (
    source text primary key,
    since timestamptz not null,
    code text not null,
    reason text not null
  )`,
  // No reference to markets: one that was never stored can be left out, too.
  `create table quarantined_markets (
    source text not null,
    market_id text not null,
    protocol text not null,
    symbol text not null,
    cause text not null check (cause in ('no_history', 'no_borrow_side', 'unconfirmed_jump')),
    reason text not null,
    since timestamptz not null,
    primary key (source, market_id)
  )`,
];
