import { Cron } from "croner";
import type { z } from "zod";

/** What a run of a job gets besides its dependencies. */
export interface JobRun<TData> {
  readonly data: TData;
  /** Aborts when the process stops, or when the queue has given the run up: finish what is begun, and begin nothing more. */
  readonly signal: AbortSignal;
  /** Sends another job, for which nobody waits here. One that waits already is not sent once more. */
  send(name: string, data?: object): Promise<void>;
}

/**
 * Work that nobody waits for. A run can end at any point, with its process, and is then repeated: whatever it does must come to
 * the same when it is done twice, also at once. What there is to do it finds in the data, and never in the time of its start.
 */
export interface Job<TDependencies, TData extends object = object> {
  /** `feature.verb`; the name of its queue, too. */
  readonly name: string;
  /** What it does, in a sentence for operators. */
  readonly summary: string;
  /** Of what it is sent with; by its schedule it is sent with `{}`. */
  readonly schema: z.ZodType<TData>;
  /** Cron expression in UTC. @default it is only sent by others */
  readonly schedule?: string | undefined;
  /** A run that takes longer counts as failed and is repeated. @default 900 */
  readonly expireSeconds?: number;
  /** @returns what is kept of the run for operators */
  readonly run: (deps: TDependencies, run: JobRun<TData>) => Promise<object | undefined>;
}

/** A job with its data type put aside, as a list of jobs has it. */
export type AnyJob<TDependencies> = Pick<
  Job<TDependencies>,
  "name" | "summary" | "schedule" | "expireSeconds"
> & {
  /** What it asks is not configured here, so that nobody sends it, and how it went before says nothing. @default false */
  readonly isOff?: boolean;
  /** @throws ZodError when the data is none of the job's */
  readonly start: (
    deps: TDependencies,
    run: Omit<JobRun<unknown>, "data"> & { readonly data: unknown },
  ) => Promise<object | undefined>;
};

/** What is known of a job where it is not run. */
export type JobDescription = Pick<AnyJob<never>, "name" | "summary" | "schedule" | "isOff">;

/**
 * Defines a job. The feature that owns the work defines it, and the platform runs it.
 *
 * @throws TypeError when the schedule is no cron expression
 */
export function defineJob<TDependencies, TData extends object>({
  schema,
  run,
  ...job
}: Job<TDependencies, TData>): AnyJob<TDependencies> {
  if (job.schedule !== undefined) newestSlot(job.schedule, new Date(0));
  return { ...job, start: (deps, started) => run(deps, { ...started, data: schema.parse(started.data) }) };
}

/**
 * The newest moment of a schedule that is not after a time; undefined when there was none.
 *
 * @param schedule cron expression in UTC
 */
export function newestSlot(schedule: string, now: Date): Date | undefined {
  // `previousRuns` goes by whole seconds, and leaves out the one that it is asked about.
  const after = new Date((Math.floor(now.getTime() / 1_000) + 1) * 1_000);
  return new Cron(schedule, { timezone: "UTC", paused: true }).previousRuns(1, after)[0];
}

/**
 * The same as `newestSlot`, for who asks again and again: it reads a schedule again only when its next moment has come, or the clock
 * was set back.
 */
export function createSlotClock(): typeof newestSlot {
  const known = new Map<
    string,
    { readonly slot: Date | undefined; readonly from: Date; readonly until: Date }
  >();
  return (schedule, now) => {
    const current = known.get(schedule);
    if (current !== undefined && now >= current.from && now < current.until) return current.slot;
    const slot = newestSlot(schedule, now);
    const until = nextSlot(schedule, now);
    if (until !== undefined) known.set(schedule, { slot, from: slot ?? now, until });
    return slot;
  };
}

/** The next moment of a schedule after a time; undefined when there is none. */
export function nextSlot(schedule: string, now: Date): Date | undefined {
  return new Cron(schedule, { timezone: "UTC", paused: true }).nextRun(now) ?? undefined;
}
