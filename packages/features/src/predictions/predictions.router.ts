import { contract } from "@obsqra/contract";
import { router, userProcedure } from "../trpc.ts";
import { getRiskForecast, getYieldForecast } from "./forecasts.service.ts";
import { getModels } from "./model-records.service.ts";
import { runOptimization } from "./optimization.service.ts";
import { getSuggestions } from "./suggestions.service.ts";
import { getTrackRecord } from "./track-record.service.ts";
import { askWhatIf } from "./what-if.service.ts";

const { predictions } = contract;

export const predictionsRouter = router({
  risk_forecast: userProcedure(predictions.risk_forecast).query(({ ctx, input }) =>
    getRiskForecast(ctx, input),
  ),
  yield_forecast: userProcedure(predictions.yield_forecast).query(({ ctx, input }) =>
    getYieldForecast(ctx, input),
  ),
  track_record: userProcedure(predictions.track_record).query(({ ctx, input }) => getTrackRecord(ctx, input)),
  models: userProcedure(predictions.models).query(({ ctx, input }) => getModels(ctx, input)),
  rebalance_suggestions: userProcedure(predictions.rebalance_suggestions).query(({ ctx, input }) =>
    getSuggestions(ctx, input),
  ),
  run_optimization: userProcedure(predictions.run_optimization).mutation(({ ctx, input }) =>
    runOptimization(ctx, input),
  ),
  what_if: userProcedure(predictions.what_if).mutation(({ ctx, input }) => askWhatIf(ctx, input)),
});
