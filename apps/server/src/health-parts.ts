import { type ApiDependencies, getFreshness, getRiskEngineState } from "@obsqra/features";
import { getDeadJobs, getEventsHeldSince, getJobStates, getLateJobs } from "@obsqra/platform";
import type { HealthParts } from "./health.ts";

/** What health is told by, of a service that starts now. */
export function healthParts({
  api,
  database,
  horizonDays,
}: {
  readonly api: ApiDependencies;
  readonly database: HealthParts["database"];
  readonly horizonDays: number;
}): HealthParts {
  const startedAt = api.clock();
  const jobNames = api.jobs.filter(({ isOff }) => isOff !== true).map(({ name }) => name);
  return {
    database,
    marketSource: api.marketSource,
    deadJobs: () => getDeadJobs(api, jobNames),
    jobStates: () => getJobStates(api, api.jobs),
    riskEngine: () => getRiskEngineState(api),
    eventsHeldSince: () => getEventsHeldSince(api),
    lateJobs: () => getLateJobs(api, api.jobs, startedAt),
    freshness: () => getFreshness(api, { horizonDays }),
  };
}
