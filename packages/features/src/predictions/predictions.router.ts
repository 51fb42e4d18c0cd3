import { contract } from "@obsqra/contract";
import { fromReplica } from "@obsqra/platform";
import { versionOfServed } from "../market/cached-response.service.ts";
import { mutation, query, router } from "../trpc.ts";
import { runOptimization } from "./advice/optimization.service.ts";
import { getSuggestions } from "./advice/suggestions.service.ts";
import { askWhatIf } from "./advice/what-if.service.ts";
import { getRiskForecast, getYieldForecast } from "./forecasts/forecasts.service.ts";
import { getModels } from "./models/model-records.service.ts";
import { getForecastHistory } from "./track-record/forecast-history.service.ts";
import { getSuggestionHistory, versionOfSuggestions } from "./track-record/suggestion-history.service.ts";
import { getTrackRecord, getTrackRecordParts, versionOfRecord } from "./track-record/track-record.service.ts";

const { predictions } = contract;

export const predictionsRouter = router({
  risk_forecast: query(predictions.risk_forecast, fromReplica(getRiskForecast), versionOfServed),
  yield_forecast: query(predictions.yield_forecast, fromReplica(getYieldForecast), versionOfServed),
  track_record: query(predictions.track_record, fromReplica(getTrackRecord), versionOfRecord),
  track_record_parts: query(
    predictions.track_record_parts,
    fromReplica(getTrackRecordParts),
    versionOfRecord,
  ),
  forecast_history: query(predictions.forecast_history, fromReplica(getForecastHistory), versionOfRecord),
  suggestion_history: query(
    predictions.suggestion_history,
    fromReplica(getSuggestionHistory),
    versionOfSuggestions,
  ),
  models: query(predictions.models, fromReplica(getModels), versionOfServed),
  rebalance_suggestions: query(predictions.rebalance_suggestions, getSuggestions),
  run_optimization: mutation(predictions.run_optimization, runOptimization),
  what_if: mutation(predictions.what_if, askWhatIf),
});
