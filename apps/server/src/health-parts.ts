import { type ApiDependencies, getFreshness, getLogAnchorState, getRiskEngineState } from "@obsqra/features";
import { getDeadJobs, getEventsHeldSince, getJobStates, getLateJobs, withTimeout } from "@obsqra/platform";
import type { HealthParts } from "./health.ts";
import { share } from "./share.ts";

/** As long as a check may take, such as one that waits for a table that somebody has locked. Then nobody knows. */
const checkTimeoutMs = 2_000;

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
    deadJobs: inTime(() => getDeadJobs(api, jobNames)),
    jobStates: inTime(() => getJobStates(api, api.jobs)),
    riskEngine: inTime(() => getRiskEngineState(api)),
    logAnchor: inTime(() => getLogAnchorState(api)),
    eventsHeldSince: inTime(() => getEventsHeldSince(api)),
    lateJobs: inTime(() => getLateJobs(api, api.jobs, startedAt)),
    freshness: inTime(() => getFreshness(api, { horizonDays })),
  };
}

/** Asks once at a time, also when nobody waits for it any more, so that a check that hangs holds one connection. */
function inTime<TFound>(ask: () => Promise<TFound>): () => Promise<TFound> {
  const asked = share(ask);
  return () => withTimeout(asked(), checkTimeoutMs, "A check takes too long.");
}
