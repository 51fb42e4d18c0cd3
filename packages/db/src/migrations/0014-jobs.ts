// Compatible: an older server does not know of jobs, and runs none. It forecasts at its start without noting the run; the next
// server that does forecasts from the same import once more, which adds nothing.

import { type Kysely, sql } from "kysely";
import { getConstructionPlans } from "pg-boss";
import { findQueueSchema } from "../queue/queue-database.ts";
import { splitStatements } from "../queue/split-statements.ts";

/**
 * Adds the queue's tables, as the installed pg-boss has them, what is known of each job's schedule, and from which import a
 * model has forecast.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const schema = await findQueueSchema(db);
  // The application's schema may have been emptied by hand, which leaves the queue behind.
  const { rows } = await sql`select where to_regclass(${`${schema}.job_common`}) is not null`.execute(db);
  if (rows.length > 0) await sql`drop schema ${sql.id(schema)} cascade`.execute(db);
  // The migration has a transaction already.
  const statements = splitStatements(getConstructionPlans(schema)).filter(
    (statement) => statement !== "BEGIN" && statement !== "COMMIT",
  );
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...statements, ...schedules, ...runs]) await sql.raw(statement).execute(db);
}

const schedules = [
  `create table job_schedules (
    job text primary key,
    -- The newest moment of its schedule for which the job was sent.
    slot timestamptz,
    paused_at timestamptz
  )`,
];

const runs = [
  `create table forecast_runs (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    kind text not null check (kind in ('risk', 'yield')),
    source text not null,
    model_version text not null references models,
    import_id uuid not null references market_imports,
    forecasts integer not null check (forecasts >= 0),
    created_at timestamptz not null
  )`,
  `create index forecast_runs_newest on forecast_runs (source, kind, sequence desc)`,
  `create trigger forecast_runs_append_only before update or delete on forecast_runs
    for each row execute function refuse_change()`,
  `create trigger forecast_runs_keep before truncate on forecast_runs execute function refuse_change()`,
];
