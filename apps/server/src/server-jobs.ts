import { listJobs, type PredictionJobDependencies } from "@obsqra/features";
import { type RunningJobs, runJobs } from "@obsqra/platform";
import type { Application } from "./open-application.ts";
import { openModelWork } from "./training/model-work.ts";

/** What the server's jobs rest on. */
export interface ServerJobParts
  extends Pick<Application, "api" | "source">,
    Pick<PredictionJobDependencies, "horizonDays" | "openModelWork"> {
  readonly engine: Application["database"]["engine"];
  /** Counts what is written, where nobody else writes. @default others may write */
  readonly writes?: Application["database"]["writes"];
  /** Hears of each run. @default nobody listens */
  readonly onRun?: Parameters<typeof runJobs>[0]["onRun"];
  readonly aroundRun?: Parameters<typeof runJobs>[0]["aroundRun"];
  /** How often the clock is looked at. @default 1000 */
  readonly tickMs?: number;
  /** Whether jobs are sent by their schedules, and not only by callers. @default true */
  readonly isScheduled?: boolean;
}

/** Runs the jobs of all features, in this process and beside other servers on the same database. */
export async function runServerJobs({
  api,
  engine,
  writes,
  tickMs,
  onRun,
  aroundRun,
  isScheduled = true,
  ...parts
}: ServerJobParts): Promise<RunningJobs> {
  const { db, clock, log } = api;
  const all = listJobs(parts.source, {
    hasChain: api.chain !== undefined,
    hasRiskEngine: api.riskEngine !== undefined,
    hasLogAnchor: api.logAnchoring !== undefined,
  });
  const jobs = isScheduled ? all : all.map((job) => ({ ...job, schedule: undefined }));
  const deps = { ...api, ...parts };
  return runJobs({
    db,
    engine,
    writes,
    clock,
    log,
    jobs,
    deps,
    onRun,
    aroundRun,
    ...(tickMs === undefined ? {} : { tickMs }),
  });
}

/** The same as an application is configured. */
export async function runApplicationJobs(
  {
    api,
    database,
    env,
    source,
    metrics,
    tracing,
  }: Pick<Application, "api" | "database" | "env" | "source"> &
    Partial<Pick<Application, "metrics" | "tracing">>,
  options: Pick<ServerJobParts, "isScheduled" | "tickMs"> = {},
): Promise<RunningJobs> {
  return runServerJobs({
    ...options,
    api,
    source,
    onRun: metrics?.onJobRun,
    aroundRun: tracing?.runJob,
    engine: database.engine,
    writes: database.writes,
    horizonDays: env.PREDICTION_WINDOW_DAYS,
    openModelWork: (signal) => openModelWork(env, { signal }),
  });
}
