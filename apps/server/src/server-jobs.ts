import {
  cleanUpJob,
  type PredictionJobDependencies,
  recheckWalletsJob,
  refreshMarketJob,
  renewForecastsJob,
} from "@obsqra/features";
import { type RunningJobs, runJobs } from "@obsqra/platform";
import type { Application } from "./open-application.ts";
import { openModelWork } from "./training/model-work.ts";

/** What the server's jobs rest on. */
export interface ServerJobParts
  extends Pick<Application, "api" | "source">,
    Pick<PredictionJobDependencies, "horizonDays" | "openModelWork"> {
  readonly engine: Application["database"]["engine"];
  /** How often the clock is looked at. @default 1000 */
  readonly tickMs?: number;
}

/** Runs the jobs of all features, in this process and beside other servers on the same database. */
export async function runServerJobs({ api, engine, tickMs, ...parts }: ServerJobParts): Promise<RunningJobs> {
  const { db, clock, log } = api;
  const jobs = [
    refreshMarketJob(parts.source, renewForecastsJob.name),
    renewForecastsJob,
    cleanUpJob,
    recheckWalletsJob,
  ];
  const deps = { ...api, ...parts };
  return runJobs({ db, engine, clock, log, jobs, deps, ...(tickMs === undefined ? {} : { tickMs }) });
}

/** The same as an application is configured. */
export async function runApplicationJobs({
  api,
  database,
  env,
  source,
}: Pick<Application, "api" | "database" | "env" | "source">): Promise<RunningJobs> {
  return runServerJobs({
    api,
    source,
    engine: database.engine,
    horizonDays: env.PREDICTION_WINDOW_DAYS,
    openModelWork: (signal) => openModelWork(env, { signal }),
  });
}
