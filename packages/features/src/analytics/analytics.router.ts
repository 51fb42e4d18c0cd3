import { contract } from "@obsqra/contract";
import { fromReplica } from "@obsqra/platform";
import { versionOfServed } from "../market/cached-response.service.ts";
import { query, router } from "../trpc.ts";
import { getAllocationHistory } from "./allocation-history.service.ts";
import { getDashboard, getOverview } from "./dashboard.service.ts";
import { getRiskHistory } from "./risk-history.service.ts";

const { analytics } = contract;

export const analyticsRouter = router({
  overview: query(analytics.overview, fromReplica(getOverview), versionOfServed),
  risk_history: query(analytics.risk_history, fromReplica(getRiskHistory), versionOfServed),
  allocation_history: query(analytics.allocation_history, fromReplica(getAllocationHistory)),
  dashboard: query(analytics.dashboard, fromReplica(getDashboard)),
});
