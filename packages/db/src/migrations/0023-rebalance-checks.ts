// Compatible: a server of the previous version checks nobody.

import { type Kysely, sql } from "kysely";

/** Adds when each owner's holdings were checked, against which forecasts, and what the owner was told last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table rebalance_checks (
    owner_id uuid primary key references users on delete cascade,
    import_id uuid not null references market_imports,
    checked_at timestamptz not null,
    -- What the owner was told last without having asked; null when that was nothing.
    suggestion_id uuid references rebalance_suggestions,
    suggested_at timestamptz,
    check ((suggestion_id is null) = (suggested_at is null))
  )`.execute(db);
}
