import {
  type ApiDependencies,
  getAnchoredTree,
  getDeliveryFigures,
  getLogEnd,
  getModelAges,
  getOutboxFigures,
} from "@obsqra/features";
import { getJobQueues } from "@obsqra/platform";

/** Figures of the service that no single call shows. */
export type ServiceFigures = Awaited<ReturnType<typeof getServiceFigures>>;

/** Reads them, in a handful of statements that look at what is waiting or newest. */
export async function getServiceFigures(
  deps: Pick<ApiDependencies, "db" | "clock" | "jobs" | "logAnchoring" | "marketSource">,
) {
  const jobs = deps.jobs.filter(({ isOff }) => isOff !== true).map(({ name }) => name);
  return {
    queues: await getJobQueues(deps, jobs),
    models: await getModelAges(deps),
    log: await getLogEnd(deps),
    anchored: await getAnchoredTree(deps),
    deliveries: await getDeliveryFigures(deps),
    mail: await getOutboxFigures(deps),
  };
}
