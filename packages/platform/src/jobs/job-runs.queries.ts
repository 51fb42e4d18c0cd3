import { type Database, findQueueSchema } from "@obsqra/db";
import { sql } from "kysely";

/** Where the queue keeps, of a run that was sent by its schedule, for which moment it was. */
export const slotKey = "scheduled_for";

/** A run of a job, as the queue has it. */
export interface JobRunRow {
  readonly id: string;
  readonly job: string;
  readonly state: "created" | "retry" | "active" | "completed" | "cancelled" | "failed";
  readonly retries: number;
  /** The moment of its schedule for which it was sent; null when a caller has sent it. */
  readonly scheduled_for: Date | null;
  readonly sent_at: Date;
  /** When it may begin: later than it was sent where it is to be repeated. */
  readonly starts_after: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  /** What it has returned, or the error. */
  readonly output: unknown;
}

/** Of the queue's table of jobs, what a `JobRunRow` has. */
const runColumns = sql`id, name as job, state::text as state, retry_count as retries,
  (data ->> ${slotKey})::timestamptz as scheduled_for, created_on as sent_at, start_after as starts_after,
  started_on as started_at, completed_on as ended_at, output`;

/** Which runs of several jobs. */
export interface JobRunsPage {
  readonly jobs: readonly string[];
  /** Where the page before ended; the moment as `sent_at_key` has it, exact to the microsecond. */
  readonly after: { readonly sent_at: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** Runs of jobs, newest first. */
export async function listJobRunsAfter(
  db: Database,
  { jobs, after, limit }: JobRunsPage,
): Promise<(JobRunRow & { readonly sent_at_key: string })[]> {
  const schema = await findQueueSchema(db);
  const isLater =
    after === undefined
      ? sql`true`
      : sql`(created_on, id) < (${after.sent_at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<JobRunRow & { sent_at_key: string }>`
    select ${runColumns},
      to_char(created_on at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sent_at_key
    from ${sql.id(schema, "job")} where name = any(${[...jobs]}::text[]) and ${isLater}
    order by created_on desc, id desc limit ${limit}`.execute(db);
  return rows;
}

/** Runs of jobs, newest first; of one job, or the newest few of each. */
export async function listJobRuns(
  db: Database,
  { jobs, limit }: { readonly jobs: readonly string[]; readonly limit: number },
): Promise<JobRunRow[]> {
  const schema = await findQueueSchema(db);
  const { rows } = await sql<JobRunRow>`
    select newest.* from unnest(${[...jobs]}::text[]) as wanted (job) cross join lateral (
      select ${runColumns}
      from ${sql.id(schema, "job")} where name = wanted.job order by created_on desc, id desc limit ${limit}
    ) as newest
    order by newest.sent_at desc, newest.id desc`.execute(db);
  return rows;
}

/** The run of a job that is under way, whoever has begun it. */
export async function listActiveJobRuns(db: Database, job: string): Promise<string[]> {
  const schema = await findQueueSchema(db);
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.id(schema, "job")} where name = ${job} and state = 'active'`.execute(db);
  return rows.map(({ id }) => id);
}

/** Lets what waits for its repetition begin at once. @returns how many */
export async function retryJobRuns(db: Database, job: string): Promise<number> {
  const schema = await findQueueSchema(db);
  const waiting = await sql`update ${sql.id(schema, "job")} set start_after = now()
    where name = ${job} and state = 'retry' and start_after > now()`.execute(db);
  return Number(waiting.numAffectedRows ?? 0);
}

/** What waits of a job, and how far it has come. */
export interface JobQueueRow {
  readonly job: string;
  /** Runs that could begin now, or are to be repeated later. */
  readonly waiting: number;
  /** Since when the oldest of them could have begun; null when none could yet. */
  readonly waiting_since: Date | null;
  /** When the newest run that has succeeded ended; null when none of those that are kept has. */
  readonly succeeded_at: Date | null;
}

/** What waits of each job. */
export async function listJobQueues(
  db: Database,
  jobs: readonly string[],
  now: Date,
): Promise<JobQueueRow[]> {
  const table = sql.id(await findQueueSchema(db), "job");
  const { rows } = await sql<JobQueueRow>`
    select wanted.job, waiting, waiting_since, succeeded_at
    from unnest(${[...jobs]}::text[]) as wanted (job)
      cross join lateral (
        select count(*)::int as waiting, min(start_after) filter (where start_after <= ${now}) as waiting_since
        from ${table} where name = wanted.job and state in ('created', 'retry')
      ) as queue
      cross join lateral (
        select max(completed_on) as succeeded_at from ${table} where name = wanted.job and state = 'completed'
      ) as done`.execute(db);
  return rows;
}

/** Jobs of which the newest run that has ended has failed for good. */
export async function listDeadJobs(db: Database, jobs: readonly string[]): Promise<string[]> {
  const schema = await findQueueSchema(db);
  const { rows } = await sql<{ job: string }>`
    select wanted.job from unnest(${[...jobs]}::text[]) as wanted (job) cross join lateral (
      select state from ${sql.id(schema, "job")}
      where name = wanted.job and completed_on is not null order by completed_on desc limit 1
    ) as newest
    where newest.state = 'failed' order by wanted.job`.execute(db);
  return rows.map(({ job }) => job);
}
