import { contract } from "@obsqra/contract";
import { router, userProcedure } from "../trpc.ts";
import { getRiskForecast, getYieldForecast } from "./forecasts.service.ts";
import { runOptimization } from "./optimization.service.ts";
import { getSuggestions } from "./suggestions.service.ts";

const { predictions } = contract;

export const predictionsRouter = router({
  risk_forecast: userProcedure(predictions.risk_forecast).query(({ ctx, input }) =>
    getRiskForecast(ctx, input),
  ),
  yield_forecast: userProcedure(predictions.yield_forecast).query(({ ctx, input }) =>
    getYieldForecast(ctx, input),
  ),
  rebalance_suggestions: userProcedure(predictions.rebalance_suggestions).query(({ ctx, input }) =>
    getSuggestions(ctx, input),
  ),
  run_optimization: userProcedure(predictions.run_optimization).mutation(({ ctx, input }) =>
    runOptimization(ctx, input),
  ),
});
