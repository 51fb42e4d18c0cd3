// Compatible: an older server goes on as it did. What it imports is not said to be of an import, and of what it replaces nothing is
// kept.

import { type Kysely, sql } from "kysely";

/**
 * Notes which import brought an observation and keeps what a later one replaced, so that what was known at an import can be told; and
 * of which import a forecast and its outcome are.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...revisions, ...forecasts]) await sql.raw(statement).execute(db);
}

// No reference from each observation to its import: looking it up would take longer than adding the row, and both come in one
// transaction.
const revisions = [
  `alter table market_history add column import_id uuid`,
  `create table market_history_revisions (
    market_id text not null references markets,
    source text not null,
    observed_at timestamptz not null,
    tvl_usd double precision,
    apy double precision,
    apy_base double precision,
    apy_reward double precision,
    apy_base_borrow double precision,
    utilization double precision,
    frozen boolean,
    paused boolean,
    quality text[] not null,
    fetched_at timestamptz not null,
    import_id uuid,
    replaced_by uuid not null,
    primary key (source, market_id, observed_at, replaced_by)
  )`,
  `create trigger market_history_revisions_append_only before update or delete on market_history_revisions
    for each row execute function refuse_change()`,
  `create trigger market_history_revisions_keep before truncate on market_history_revisions
    execute function refuse_change()`,
];

const forecasts = [
  `alter table predictions
    add column import_id uuid references market_imports,
    add column actual_import_id uuid references market_imports`,
  `create or replace function refuse_all_but_the_outcome() returns trigger language plpgsql as $$
  declare
    unchanged predictions := new;
  begin
    unchanged.actual_value := old.actual_value;
    unchanged.actual_at := old.actual_at;
    unchanged.actual_import_id := old.actual_import_id;
    unchanged.closed_at := old.closed_at;
    if old.actual_value is null and unchanged is not distinct from old and (
      (new.actual_value is not null and new.closed_at is not distinct from old.closed_at)
      or (new.actual_value is null and new.actual_at is null and new.actual_import_id is null
        and old.closed_at is null and new.closed_at is not null)
    ) then
      return new;
    end if;
    raise exception 'predictions only take their outcome, once' using errcode = 'restrict_violation';
  end $$`,
];
