import { contract } from "@obsqra/contract";
import { router, userProcedure } from "../trpc.ts";
import { getAllocationHistory } from "./allocation-history.service.ts";
import { getDashboard } from "./dashboard.service.ts";
import { getRiskHistory } from "./risk-history.service.ts";

const { analytics } = contract;

export const analyticsRouter = router({
  risk_history: userProcedure(analytics.risk_history).query(({ ctx, input }) => getRiskHistory(ctx, input)),
  allocation_history: userProcedure(analytics.allocation_history).query(({ ctx, input }) =>
    getAllocationHistory(ctx, input),
  ),
  dashboard: userProcedure(analytics.dashboard).query(({ ctx, input }) => getDashboard(ctx, input)),
});
