import { setTimeout } from "node:timers/promises";
import { type Database, findQueueSchema, queueDatabase, queueTransaction } from "@obsqra/db";
import { type Clock, PgBoss, systemClock } from "pg-boss";
import type { Logger } from "../logger.ts";
import { lookWhenWritten } from "../look-when-written.ts";
import { type AnyJob, createSlotClock } from "./job.ts";
import { listActiveJobRuns, slotKey } from "./job-runs.queries.ts";
import { listRequestedJobs, takeRequest, takeSlot } from "./job-schedules.queries.ts";

export interface RunJobsOptions<TDependencies> {
  readonly db: Database;
  readonly engine: "postgres" | "pglite";
  readonly clock: () => Date;
  readonly log: Logger;
  readonly jobs: readonly AnyJob<TDependencies>[];
  readonly deps: TDependencies;
  /** Counts what was written to the database, where nobody else writes. @default others may write */
  readonly writes?: (() => number) | undefined;
  /** How often the clock is looked at. @default 1000 */
  readonly tickMs?: number;
  /** Hears of each run that this process has made, and whether it succeeded. @default nobody listens */
  readonly onRun?: ((run: { job: string; milliseconds: number; succeeded: boolean }) => void) | undefined;
  /** Makes each run of this process, such as within a trace. @default nothing is around it */
  readonly aroundRun?: (<TResult>(job: string, run: () => Promise<TResult>) => Promise<TResult>) | undefined;
}

/** Jobs that run; they end with `await using`. */
export interface RunningJobs extends AsyncDisposable {
  /**
   * Sends a job to whichever process runs it.
   *
   * @returns false when it waits already
   * @throws Error when there is no job of this name
   */
  send(name: string, data?: object): Promise<boolean>;
  /** Lets the running jobs finish and starts none again. May be called twice. */
  close(): Promise<void>;
}

const defaultExpireSeconds = 15 * 60;
/** A process that has died is noticed after this time, and its job is repeated. */
const heartbeatSeconds = 60;
/** Runs that failed or ended are kept for so long: some jobs run every minute. */
const keepSeconds = 7 * 24 * 60 * 60;
/** Whatever is sent in this process is noticed at once; this is for what others send. */
const pollSeconds = { postgres: 5, pglite: 60 } as const;
const stopTimeoutMs = 30_000;
/**
 * How often runs are looked for that take too long, or whose process has died; on the embedded database there is no other process, and
 * looking is most of what an idle one does.
 */
const superviseSeconds = { postgres: 30, pglite: 120 } as const;

/** Of so many ticks, one looks for what operators want where others write, too: they can wait for that. */
const ticksPerLook = { postgres: 5, pglite: 1 } as const;

/**
 * Runs jobs, by their schedules and whenever they are sent, in this process and, on one Postgres, in others beside it. Of each
 * job one run at a time is under way anywhere; each moment of a schedule sends it once, and of the moments that were missed
 * while nobody ran, the newest does. A run that fails is repeated five times, after 10 s and then ever longer, up to ten
 * minutes.
 *
 * @throws the database's error when the queue cannot be opened
 */
export async function runJobs<TDependencies>(options: RunJobsOptions<TDependencies>): Promise<RunningJobs> {
  const { db, engine, jobs, log, tickMs = 1_000 } = options;
  const boss = createQueue(options, await findQueueSchema(db));
  await boss.start();
  const stop = new AbortController();
  const workers = new Map<string, string>();

  const send = async (name: string, data: object = {}) => {
    if (!jobs.some((job) => job.name === name)) throw new Error(`There is no job ${name}.`);
    const id = await boss.send(name, data);
    wake(boss, workers.get(name));
    return id !== null;
  };

  for (const job of jobs) {
    await openQueue(boss, job);
    if (engine === "pglite") await takeBack({ db, boss }, job.name);
    const worker = await boss.work<unknown>(
      job.name,
      { pollingIntervalSeconds: pollSeconds[engine] },
      async ([queued]) => {
        if (queued === undefined) return undefined;
        const began = performance.now();
        const note = (succeeded: boolean) =>
          options.onRun?.({ job: job.name, milliseconds: performance.now() - began, succeeded });
        try {
          const run = () =>
            job.start(options.deps, {
              data: withoutSlot(queued.data),
              signal: AbortSignal.any([queued.signal, stop.signal]),
              send: async (name, data) => void (await send(name, data)),
            });
          const { aroundRun } = options;
          const result = await (aroundRun === undefined ? run() : aroundRun(job.name, run));
          note(true);
          return result;
        } catch (error) {
          // What the stop has interrupted is done again after the next start, and has not failed.
          if (!stop.signal.aborted) {
            note(false);
            log.error({ err: error, job: job.name }, "A job has failed.");
          }
          throw error;
        }
      },
    );
    workers.set(job.name, worker);
  }

  const takeRequests = async () => {
    for (const name of await listRequestedJobs(db)) {
      if (!workers.has(name)) continue;
      await db.transaction().execute(async (trx) => {
        const request = await takeRequest(trx, name);
        if (request === "run") await boss.send(name, {}, { db: queueTransaction(trx) });
      });
      wake(boss, workers.get(name));
    }
    return false;
  };
  const noticeRequests = lookWhenWritten(takeRequests, options);
  const sendBySchedule = async (job: Scheduled["jobs"][number], slot: Date) => {
    const isTaken = await db.transaction().execute(async (trx) => {
      if (!(await takeSlot(trx, { job: job.name, slot, now: options.clock() }))) return false;
      // Waiting already: whatever is to be done, that run finds it.
      await boss.send(job.name, { [slotKey]: slot.toISOString() }, { db: queueTransaction(trx) });
      return true;
    });
    if (isTaken) wake(boss, workers.get(job.name));
  };
  const ticks = { ...options, tickMs, ticksPerLook: ticksPerLook[engine] };
  const ticking = tickUntil(stop.signal, ticks, { sendBySchedule, noticeRequests });

  let closing: Promise<void> | undefined;
  const close = async () => {
    stop.abort();
    await ticking;
    await boss.stop({ graceful: true, timeout: stopTimeoutMs });
  };
  const closeOnce = () => {
    closing ??= close();
    return closing;
  };
  return { send, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}

/** What is sent by a schedule has nothing else; the job itself does not see it, and finds what there is to do in the data. */
function withoutSlot(data: unknown): unknown {
  return typeof data === "object" && data !== null && slotKey in data ? {} : data;
}

function createQueue(
  { db, engine, log }: Pick<RunJobsOptions<unknown>, "db" | "engine" | "log">,
  schema: string,
): PgBoss {
  const boss = new PgBoss({
    db: queueDatabase(db),
    backend: engine,
    schema,
    createSchema: false,
    // A newer pg-boss brings its own tables up to date.
    migrate: true,
    // Moments of schedules are ours: pg-boss forgets those that nobody was there for.
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: superviseSeconds[engine],
    monitorIntervalSeconds: superviseSeconds[engine],
    bamIntervalSeconds: 60 * 60,
    flowIntervalSeconds: 60 * 60,
    openTelemetry: { enabled: false },
    clock: evenClock,
  });
  boss.on("error", (error) => log.error({ err: error }, "The queue of jobs could not do its work."));
  boss.on("warning", ({ message, data }) => log.warn({ warning: data }, message));
  return boss;
}

/**
 * The system's clock, whose readings go on evenly wherever its time is set. pg-boss subtracts two of them from how long a worker waits for
 * its next look: where the time was set back between them, it would wait for as long as that. Times in the database are Postgres's own.
 */
const evenClock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() };

async function openQueue(boss: PgBoss, { name, expireSeconds }: AnyJob<never>): Promise<void> {
  const settings = {
    expireInSeconds: expireSeconds ?? defaultExpireSeconds,
    heartbeatSeconds,
    retryLimit: 5,
    retryDelay: 10,
    retryBackoff: true,
    retryDelayMax: 600,
    deleteAfterSeconds: keepSeconds,
  };
  // One that waits, one that runs and one that is to be repeated, at a time: what is sent during a run may concern what the run
  // has not seen.
  await boss.createQueue(name, { policy: "stately", ...settings });
  await boss.updateQueue(name, settings);
}

/** Nobody else uses the embedded database: what is under way there was begun by a process that has died. */
async function takeBack(
  { db, boss }: { readonly db: Database; readonly boss: PgBoss },
  name: string,
): Promise<void> {
  for (const id of await listActiveJobRuns(db, name)) {
    await boss.fail(name, id, { message: "The process has ended." });
  }
}

function wake(boss: PgBoss, worker: string | undefined): void {
  if (worker !== undefined) boss.notifyWorker(worker);
}

interface Scheduled extends Pick<RunJobsOptions<never>, "clock" | "log"> {
  readonly jobs: readonly Pick<AnyJob<never>, "name" | "schedule">[];
  readonly tickMs: number;
  readonly ticksPerLook: number;
}

async function tickUntil(
  signal: AbortSignal,
  { jobs, clock, log, tickMs, ticksPerLook: perLook }: Scheduled,
  work: {
    readonly sendBySchedule: (job: Scheduled["jobs"][number], slot: Date) => Promise<void>;
    readonly noticeRequests: () => Promise<void>;
  },
): Promise<void> {
  const sent = new Map<string, number>();
  const newestSlot = createSlotClock();
  for (let tick = 0; !signal.aborted; tick += 1) {
    try {
      if (tick % perLook === 0) await work.noticeRequests();
    } catch (error) {
      if (signal.aborted) return;
      log.error({ err: error }, "What operators want of jobs could not be read.");
    }
    for (const job of jobs) {
      const slot = job.schedule === undefined ? undefined : newestSlot(job.schedule, clock());
      if (slot === undefined || sent.get(job.name) === slot.getTime()) continue;
      try {
        await work.sendBySchedule(job, slot);
        sent.set(job.name, slot.getTime());
      } catch (error) {
        if (signal.aborted) return;
        // The next tick tries again.
        log.error({ err: error, job: job.name }, "A job could not be sent by its schedule.");
      }
    }
    await setTimeout(tickMs, undefined, { signal }).catch(() => {});
  }
}
