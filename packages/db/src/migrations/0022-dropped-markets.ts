// Compatible: an older server knows nothing of it. What it imports is looked through with the next import of this one.

import { type Kysely, sql } from "kysely";

/** Keeps which markets have lost their risk score lately, and why, as each import finds it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table dropped_markets (
    source text not null,
    market_id text not null references markets,
    cause text not null check (cause in ('quarantined', 'silent', 'no_risk_score')),
    last_scored_at timestamptz not null,
    protocol_dropped boolean not null,
    primary key (source, market_id)
  )`.execute(db);
}
