import { contract } from "@obsqra/contract";
import { query, router } from "../trpc.ts";
import { getAllocationHistory } from "./allocation-history.service.ts";
import { getDashboard, getOverview } from "./dashboard.service.ts";
import { getRiskHistory } from "./risk-history.service.ts";

const { analytics } = contract;

export const analyticsRouter = router({
  overview: query(analytics.overview, getOverview),
  risk_history: query(analytics.risk_history, getRiskHistory),
  allocation_history: query(analytics.allocation_history, getAllocationHistory),
  dashboard: query(analytics.dashboard, getDashboard),
});
