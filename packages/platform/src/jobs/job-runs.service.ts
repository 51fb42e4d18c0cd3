import type { Database } from "@obsqra/db";
import { type AnyJob, type JobDescription, newestSlot, nextSlot } from "./job.ts";
import {
  type JobQueueRow,
  type JobRunRow,
  type JobRunsPage,
  listDeadJobs,
  listJobQueues,
  listJobRuns,
  listJobRunsAfter,
  retryJobRuns,
} from "./job-runs.queries.ts";
import { listSchedules, requestJob, setPaused } from "./job-schedules.queries.ts";

export type { JobQueueRow, JobRunRow, JobRunsPage };

/** What asking about jobs uses. */
export interface JobsDependencies {
  readonly db: Database;
  readonly clock: () => Date;
}

/** A job as operators see it. */
export interface JobState extends JobDescription {
  /** The next moment of its schedule; undefined where it has none or is paused. */
  readonly next: Date | undefined;
  readonly paused_at: Date | undefined;
  /** Whether an operator has asked for a run that is not sent yet. */
  readonly is_requested: boolean;
  readonly newest_run: JobRunRow | undefined;
}

/** Every job with its next moment and its newest run. */
export async function getJobStates(
  { db, clock }: JobsDependencies,
  jobs: readonly JobDescription[],
): Promise<JobState[]> {
  const runs = await listJobRuns(db, { jobs: jobs.map(({ name }) => name), limit: 1 });
  const schedules = await listSchedules(db);
  return jobs.map(({ name, summary, schedule }) => {
    const known = schedules.find(({ job }) => job === name);
    const paused = known?.paused_at ?? undefined;
    const next = schedule === undefined || paused !== undefined ? undefined : nextSlot(schedule, clock());
    const newest = runs.find(({ job }) => job === name);
    const is_requested = known?.request === "run";
    return { name, summary, schedule, next, paused_at: paused, is_requested, newest_run: newest };
  });
}

/** The newest runs of a job, newest first. */
export async function getJobRuns(
  { db }: Pick<JobsDependencies, "db">,
  job: string,
  limit: number,
): Promise<JobRunRow[]> {
  return listJobRuns(db, { jobs: [job], limit });
}

/** The newest runs of several jobs together, newest first, after one of them. */
export async function getRunsOfJobs(
  { db }: Pick<JobsDependencies, "db">,
  page: JobRunsPage,
): Promise<(JobRunRow & { readonly sent_at_key: string })[]> {
  return listJobRunsAfter(db, page);
}

/** The names of jobs whose newest run has failed for good, after all its repetitions. */
export async function getDeadJobs(
  { db }: Pick<JobsDependencies, "db">,
  jobs: readonly string[],
): Promise<string[]> {
  return listDeadJobs(db, jobs);
}

/** What waits of each job, and when it last succeeded. */
export async function getJobQueues(
  { db, clock }: JobsDependencies,
  jobs: readonly string[],
): Promise<JobQueueRow[]> {
  return listJobQueues(db, jobs, clock());
}

/** A moment that nobody has taken for so long is late: every process that runs jobs looks each second. */
const lateAfterMs = 5 * 60 * 1000;

/**
 * The names of jobs of which a moment has come that nobody has sent them for: no process runs jobs, or it cannot. A paused job
 * is not late, and none is until whoever asks has been there long enough to have seen it sent.
 *
 * @param since when the asking process started, which may run them itself @default long ago
 */
export async function getLateJobs(
  { db, clock }: JobsDependencies,
  jobs: readonly Pick<AnyJob<never>, "name" | "schedule">[],
  since = new Date(0),
): Promise<string[]> {
  const due = new Date(clock().getTime() - lateAfterMs);
  if (due < since) return [];
  const schedules = await listSchedules(db);
  const late = jobs.filter(({ name, schedule }) => {
    const known = schedules.find(({ job }) => job === name);
    const slot = schedule === undefined ? undefined : newestSlot(schedule, due);
    if (slot === undefined || (known !== undefined && known.paused_at !== null)) return false;
    return known === undefined || known.slot === null || known.slot < slot;
  });
  return late.map(({ name }) => name).sort();
}

/** Lets a job's run that has failed and waits begin at once. @returns false when there is none */
export async function retryJob({ db }: Pick<JobsDependencies, "db">, job: string): Promise<boolean> {
  if ((await retryJobRuns(db, job)) === 0) return false;
  await requestJob(db, job, "look");
  return true;
}

/** Has a job sent by whichever process runs jobs, within five seconds or so of its being there. */
export async function requestJobRun({ db }: Pick<JobsDependencies, "db">, job: string): Promise<void> {
  await requestJob(db, job, "run");
}

/** Stops sending a job by its schedule, or goes on; it can still be sent by others. */
export async function pauseJob(
  { db, clock }: JobsDependencies,
  job: string,
  isPaused: boolean,
): Promise<void> {
  await setPaused(db, job, isPaused ? clock() : null);
}
