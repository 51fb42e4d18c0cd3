// Compatible: a server of the previous version knows no operators, and leaves requests for runs to one that does.

import { type Kysely, sql } from "kysely";

/** Adds who is an operator, and what operators have asked of a job that whoever runs jobs has not noticed yet. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  "alter table users add column operator_since timestamptz",
  // run: send it; look: what is in the queue may begin.
  "alter table job_schedules add column request text check (request in ('run', 'look'))",
];
