import type {
  AuditEventType,
  Job,
  JobInput,
  JobRun,
  JobRuns,
  Jobs,
  ListJobRunsInput,
  ListJobsInput,
} from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import {
  type Actor,
  AppError,
  defineCommand,
  getJobStates,
  getLateJobs,
  getRunsOfJobs,
  type JobDescription,
  type JobRunRow,
  type JobState,
  momentInKey,
  nameInKey,
  pauseJob,
  readCursor,
  requestJobRun,
  retryJob,
  toPage,
} from "@obsqra/platform";
import { z } from "zod";
import { storeEvent } from "../accounts/audit/audit.service.ts";
import { type AuditEventDependencies, prepareEvent } from "../accounts/audit/audit-event.ts";
import { acceptNextLoad } from "../market/accept-feed.service.ts";

/** What operators' endpoints use. */
export interface OperationsDependencies extends AuditEventDependencies {
  readonly db: Database;
  readonly actor: Actor;
  readonly jobs: readonly JobDescription[];
  /** Name of the market source. */
  readonly marketSource: string;
}

const jobKey = z.tuple([nameInKey]);
const runKey = z.tuple([momentInKey, z.uuid()]);

/**
 * Every job, by name, with its next moment and its newest run.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getJobs(deps: OperationsDependencies, input: ListJobsInput): Promise<Jobs> {
  const view = { list: "jobs", owner_id: undefined, input };
  const after = readCursor(view, jobKey)?.[0] ?? "";
  const all = [...deps.jobs].sort((one, other) => (one.name < other.name ? -1 : 1));
  const asked = all.filter(({ name }) => name > after).slice(0, input.limit + 1);
  const { items, next_cursor } = toPage(view, asked, ({ name }) => [name]);
  return { items: await readJobs(deps, items), next_cursor };
}

/**
 * Runs of jobs, newest first.
 *
 * @throws AppError CURSOR_INVALID, JOB_NOT_FOUND
 */
export async function listJobRuns(deps: OperationsDependencies, input: ListJobRunsInput): Promise<JobRuns> {
  const view = { list: "job_runs", owner_id: undefined, input };
  const names = input.job === undefined ? deps.jobs.map(({ name }) => name) : [findJob(deps, input.job).name];
  const cursor = readCursor(view, runKey);
  const rows = await getRunsOfJobs(deps, {
    jobs: names,
    after: cursor && { sent_at: cursor[0], id: cursor[1] },
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, ({ sent_at_key, id }) => [sent_at_key, id]);
  return { items: page.items.map(toRun), next_cursor: page.next_cursor };
}

/** Has a job run now. */
export const runJob = jobCommand("job_run_requested", async (trx, { job }) =>
  requestJobRun({ db: trx }, job),
);

/** Lets a run that has failed and waits begin at once. */
export const retryOneJob = jobCommand("job_retried", async (trx, { job }) => {
  await retryJob({ db: trx }, job);
});

/** Stops following the schedule of a job. */
export const pauseOneJob = jobCommand("job_paused", async (trx, { job, now }) =>
  pauseJob({ db: trx, clock: () => now }, job, true),
);

/** Follows it again. */
export const resumeJob = jobCommand("job_resumed", async (trx, { job, now }) =>
  pauseJob({ db: trx, clock: () => now }, job, false),
);

/** Has what the market source has taken as it is, and has it loaded now. */
export const acceptMarketFeed = defineCommand({
  plan: async (deps: OperationsDependencies) => {
    const source = deps.marketSource;
    return {
      source,
      ...planChange(deps, "market.refresh", { type: "market_feed_accepted", details: { source } }),
    };
  },
  write: async (trx, { source, ...change }) => {
    await acceptNextLoad({ db: trx, clock: () => change.now }, source);
    await requestJobRun({ db: trx }, change.job.name);
    return storeChange(trx, change);
  },
});

/** A change to a job, with an event in the audit log of the operator. */
function jobCommand(
  type: AuditEventType,
  change: (trx: DatabaseTransaction, at: { readonly job: string; readonly now: Date }) => Promise<void>,
) {
  return defineCommand({
    plan: async (deps: OperationsDependencies, { job }: JobInput) =>
      planChange(deps, job, { type, details: { job } }),
    write: async (trx, planned) => {
      await change(trx, { job: planned.job.name, now: planned.now });
      return storeChange(trx, planned);
    },
  });
}

/** @throws AppError JOB_NOT_FOUND */
function planChange(
  deps: OperationsDependencies,
  wanted: string,
  event: Pick<Parameters<typeof prepareEvent>[1], "type" | "details">,
) {
  const job = findJob(deps, wanted);
  return { job, now: deps.clock(), event: prepareEvent(deps, { user_id: deps.actor.user_id, ...event }) };
}

async function storeChange(
  trx: DatabaseTransaction,
  { job, now, event }: ReturnType<typeof planChange>,
): Promise<Job> {
  await storeEvent(trx, event);
  const [changed] = await readJobs({ db: trx, clock: () => now }, [job]);
  if (changed === undefined) throw new Error("A job that was there is gone.");
  return changed;
}

/** @throws AppError JOB_NOT_FOUND */
function findJob({ jobs }: Pick<OperationsDependencies, "jobs">, wanted: string): JobDescription {
  const found = jobs.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new AppError("JOB_NOT_FOUND", { job: wanted, known: jobs.map(({ name }) => name).sort() });
}

async function readJobs(
  deps: Pick<OperationsDependencies, "db" | "clock">,
  jobs: readonly JobDescription[],
): Promise<Job[]> {
  const late = await getLateJobs(deps, jobs);
  return (await getJobStates(deps, jobs)).map((state) => toJob(state, late.includes(state.name)));
}

function toJob(state: JobState, isLate: boolean): Job {
  return {
    name: state.name,
    summary: state.summary,
    schedule: state.schedule ?? null,
    next_at: state.next?.toISOString() ?? null,
    paused_at: state.paused_at?.toISOString() ?? null,
    is_late: isLate,
    is_requested: state.is_requested,
    newest_run: state.newest_run === undefined ? null : toRun(state.newest_run),
  };
}

/** The queue's states in the words of the contract. */
const states = {
  created: "waiting",
  retry: "to_be_repeated",
  active: "running",
  completed: "done",
  cancelled: "cancelled",
  failed: "failed",
} as const;

function toRun(row: JobRunRow): JobRun {
  const { started_at, ended_at } = row;
  const isTimed = started_at !== null && ended_at !== null;
  return {
    id: row.id,
    job: row.job,
    state: states[row.state],
    scheduled_for: row.scheduled_for?.toISOString() ?? null,
    sent_at: row.sent_at.toISOString(),
    starts_after: row.starts_after.toISOString(),
    started_at: started_at?.toISOString() ?? null,
    ended_at: ended_at?.toISOString() ?? null,
    duration_ms: isTimed ? Math.max(0, Math.round(ended_at.getTime() - started_at.getTime())) : null,
    repeated: row.retries,
    ...readOutput(row.output),
  };
}

const failure = z.object({ message: z.string() });
const result = z.record(z.string(), z.json());

/** What a run has returned, or the message of its error: operators have the stack in the log. */
function readOutput(output: unknown): Pick<JobRun, "result" | "error"> {
  const failed = failure.safeParse(output);
  // pg-boss keeps the fields of an error, its stack among them; no job returns a message.
  if (failed.success) return { result: null, error: failed.data.message };
  return { result: result.safeParse(output).data ?? null, error: null };
}
