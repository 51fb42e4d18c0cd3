import { contract } from "@obsqra/contract";
import { mutation, query, router } from "../trpc.ts";
import { getRiskForecast, getYieldForecast } from "./forecasts.service.ts";
import { getModels } from "./model-records.service.ts";
import { runOptimization } from "./optimization.service.ts";
import { getSuggestions } from "./suggestions.service.ts";
import { getTrackRecord } from "./track-record.service.ts";
import { askWhatIf } from "./what-if.service.ts";

const { predictions } = contract;

export const predictionsRouter = router({
  risk_forecast: query(predictions.risk_forecast, getRiskForecast),
  yield_forecast: query(predictions.yield_forecast, getYieldForecast),
  track_record: query(predictions.track_record, getTrackRecord),
  models: query(predictions.models, getModels),
  rebalance_suggestions: query(predictions.rebalance_suggestions, getSuggestions),
  run_optimization: mutation(predictions.run_optimization, runOptimization),
  what_if: mutation(predictions.what_if, askWhatIf),
});
