// Compatible: an older server does not know of jobs, and runs none.

import { type Kysely, sql } from "kysely";
import { getConstructionPlans } from "pg-boss";
import { queueSchema } from "../queue/queue-database.ts";
import { splitStatements } from "../queue/split-statements.ts";

/** Adds the queue's tables, as the installed pg-boss has them, and what is known of each job's schedule. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The migration has a transaction already.
  const statements = splitStatements(getConstructionPlans(queueSchema)).filter(
    (statement) => statement !== "BEGIN" && statement !== "COMMIT",
  );
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...statements, ...schedules]) await sql.raw(statement).execute(db);
}

const schedules = [
  `create table job_schedules (
    job text primary key,
    -- The newest moment of its schedule for which the job was sent.
    slot timestamptz,
    paused_at timestamptz
  )`,
];
