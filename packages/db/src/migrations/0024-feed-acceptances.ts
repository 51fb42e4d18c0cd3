// Compatible: an older server judges no files and accepts nothing, as before.

import { type Kysely, sql } from "kysely";

/** Keeps of which content a feed was refused, so that a file is not read again for that, and what an operator accepts unjudged. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of acceptances) await sql.raw(statement).execute(db);
}

const acceptances = [
  // Null where nothing was judged: the source could not be loaded.
  `alter table market_feed_failures add column content_sha256 text, add column reading integer`,
  `create table market_feed_acceptances (
    source text primary key,
    accepted_at timestamptz not null
  )`,
];
