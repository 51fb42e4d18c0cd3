// Compatible: adds a table, and columns that may be empty. Suggestions of a server of the previous version are not followed.

import { type Kysely, sql } from "kysely";

/** Adds the record of what came of suggestions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table rebalance_suggestions add column due_at timestamptz, add column scored_at timestamptz`,
  `create index rebalance_suggestions_due on rebalance_suggestions (due_at, id) where scored_at is null`,
  // How many are alike is counted among those that end on the same day, whether they are settled or not.
  `create index rebalance_suggestions_alike on rebalance_suggestions (due_at) where due_at is not null`,
  `create table suggestion_record (
    -- Random and no reference: nothing here leads to a suggestion, and through it to its owner.
    id uuid primary key default gen_random_uuid(),
    source text not null,
    made_on timestamptz not null,
    as_of timestamptz not null,
    target_at timestamptz not null,
    horizon_days integer not null check (horizon_days > 0),
    risk_tolerance text check (risk_tolerance in ('low', 'medium', 'high')),
    size_class text check (size_class in (
      'not_stated', 'below_1000', 'from_1000', 'from_10000', 'from_100000', 'from_1000000'
    )),
    outcome text not null check (outcome in ('rebalance', 'hold')),
    forced boolean not null,
    expected_improvement double precision not null,
    interval_level double precision,
    interval_lower double precision,
    interval_upper double precision,
    confidence double precision not null check (confidence between 0 and 1),
    held_apy double precision,
    followed_apy double precision,
    recorded_at timestamptz not null,
    check ((risk_tolerance is null) = (size_class is null)),
    check ((held_apy is null) = (followed_apy is null))
  )`,
  `create index suggestion_record_made on suggestion_record (source, made_on, id)`,
  `create index suggestion_record_newest on suggestion_record (source, recorded_at)`,
  `create trigger suggestion_record_append_only before update or delete on suggestion_record
    for each row execute function refuse_change()`,
  `create trigger suggestion_record_keep before truncate on suggestion_record execute function refuse_change()`,
];
