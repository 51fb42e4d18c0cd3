import { contract } from "@obsqra/contract";
import { versionOfServed } from "../market/cached-response.service.ts";
import { query, router } from "../trpc.ts";
import { getAllocationHistory } from "./allocation-history.service.ts";
import { getDashboard, getOverview } from "./dashboard.service.ts";
import { getRiskHistory } from "./risk-history.service.ts";

const { analytics } = contract;

export const analyticsRouter = router({
  overview: query(analytics.overview, getOverview, versionOfServed),
  risk_history: query(analytics.risk_history, getRiskHistory, versionOfServed),
  allocation_history: query(analytics.allocation_history, getAllocationHistory),
  dashboard: query(analytics.dashboard, getDashboard),
});
