import { defineEndpoint } from "../endpoints/endpoint.ts";
import { forecastHistory, forecastHistoryInput } from "./forecast-history.schema.ts";
import { forecastInput, riskForecast, yieldForecast } from "./forecasts.schema.ts";
import { modelRecords, modelRecordsInput } from "./models.schema.ts";
import { suggestionHistory, suggestionHistoryInput } from "./suggestion-history.schema.ts";
import {
  rebalanceSuggestion,
  rebalanceSuggestions,
  rebalanceSuggestionsInput,
  runOptimizationInput,
} from "./suggestions.schema.ts";
import {
  trackRecord,
  trackRecordInput,
  trackRecordParts,
  trackRecordPartsInput,
} from "./track-record.schema.ts";
import { whatIfInput } from "./what-if.schema.ts";
import { whatIf } from "./what-if-answer.schema.ts";

export const predictionsEndpoints = {
  risk_forecast: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "predictions:read",
    weight: 5,
    rest: { method: "GET", path: "/predictions/risk-forecast", status: 200 },
    summary: "Risk score forecasts with interval and confidence",
    description:
      "Ordered by protocol, then market, unless sort says otherwise; all pages are from the model and day of the first. confidence_tolerance is in score points.",
    input: forecastInput,
    output: riskForecast,
    errors: ["PROTOCOL_UNKNOWN", "FORECASTS_NOT_READY", "CURSOR_INVALID"],
    revalidates: true,
  }),
  yield_forecast: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "predictions:read",
    weight: 5,
    rest: { method: "GET", path: "/predictions/yield-forecast", status: 200 },
    summary: "Yield forecasts with interval and confidence",
    description:
      "Ordered by protocol, then market, unless sort says otherwise; all pages are from the model and day of the first. confidence_tolerance is in percentage points of APY. A market's APY counts with at most 500 %, also in current_apy and baseline_apy, so that one pool's peak does not decide a protocol's figure.",
    input: forecastInput,
    output: yieldForecast,
    errors: ["PROTOCOL_UNKNOWN", "FORECASTS_NOT_READY", "CURSOR_INVALID"],
    revalidates: true,
  }),
  track_record: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "predictions:read",
    weight: 5,
    rest: { method: "GET", path: "/predictions/track-record", status: 200 },
    summary:
      "Error and coverage of the forecasts so far beside the naive ones, and suggestions beside holding",
    description:
      "Ordered by kind, protocol, then horizon. Of several models' forecasts of the same market, day and target, only the first that was given counts; stale ones do not. Where witnesses of the transparency log are configured, only forecasts count that one of them knew in time. Outcomes are recorded when newer history has been loaded, and never changed.",
    input: trackRecordInput,
    output: trackRecord,
    errors: ["PROTOCOL_UNKNOWN", "CURSOR_INVALID"],
    revalidates: true,
  }),
  track_record_parts: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "predictions:read",
    weight: 5,
    rest: { method: "GET", path: "/predictions/track-record/parts", status: 200 },
    summary: "The same figures of the forecasts so far, by month or by model",
    description:
      "Ordered by kind, month or model, then horizon. They are about the same forecasts as the track record by protocol, each of which is listed with the same month or model.",
    input: trackRecordPartsInput,
    output: trackRecordParts,
    errors: ["PROTOCOL_UNKNOWN", "CURSOR_INVALID"],
    revalidates: true,
  }),
  forecast_history: defineEndpoint({
    kind: "query",
    access: "public",
    weight: 5,
    rest: { method: "GET", path: "/predictions/forecasts", status: 200 },
    summary: "Every forecast on record, with what came true",
    description:
      "For everybody who wants to compute the track record anew: these are all forecasts that it counts, and those that it would count if a witness had known them in time. Newest first, unless sort says otherwise; those that were made together are by id. The receipt of each, by its id, proves that the transparency log has it.",
    input: forecastHistoryInput,
    output: forecastHistory,
    errors: ["PROTOCOL_UNKNOWN", "CURSOR_INVALID"],
    revalidates: true,
  }),
  suggestion_history: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "predictions:read",
    weight: 5,
    rest: { method: "GET", path: "/predictions/suggestions", status: 200 },
    summary: "Every suggestion on record, with what came of it",
    description:
      "For everybody who wants to compute the track record anew: these are the suggestions that it counts, of all users, once their horizon has ended. Nothing leads to whom they were made for: no holdings, no amounts, no closer moment than the day. Newest first, unless sort says otherwise; those of one day are by id, which is random.",
    input: suggestionHistoryInput,
    output: suggestionHistory,
    errors: ["CURSOR_INVALID"],
    revalidates: true,
  }),
  models: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "predictions:read",
    rest: { method: "GET", path: "/predictions/models", status: 200 },
    summary: "What was decided about each trained model, and when each was live",
    description:
      "Newest decision first, unless sort says otherwise. A model that was rolled back to appears once for each time. With live_at, the models that were live at that moment.",
    input: modelRecordsInput,
    output: modelRecords,
    errors: ["CURSOR_INVALID"],
    revalidates: true,
  }),
  rebalance_suggestions: defineEndpoint({
    kind: "query",
    access: "predictions:read",
    rest: { method: "GET", path: "/predictions/rebalance-suggestions", status: 200 },
    summary: "Your suggestions so far, with reason and expected improvement",
    description: "Newest first, unless sort says otherwise.",
    input: rebalanceSuggestionsInput,
    output: rebalanceSuggestions,
    errors: ["CURSOR_INVALID"],
    revalidates: true,
  }),
  run_optimization: defineEndpoint({
    kind: "mutation",
    access: "predictions:write",
    isTool: true,
    weight: 10,
    rest: { method: "POST", path: "/predictions/run-optimization", status: 200 },
    summary: "Optimise your allocation now",
    description:
      "Says what to hold in which markets, with amounts and costs, by the current forecasts, your preferences and your latest logged allocation; stores the suggestion and returns it. What fits nowhere is unallocated, and a move that does not pay is not suggested: there is an answer to every question that does not contradict itself. Amounts, gas and exchange are in US dollars; yields are in the assets themselves.",
    input: runOptimizationInput,
    output: rebalanceSuggestion,
    errors: ["FORECASTS_NOT_READY", "ALLOCATION_INVALID", "PROTOCOL_UNKNOWN", "STORAGE_FULL"],
  }),
  // Changes nothing, but fifty markets with their metrics do not fit into a URL, where a query's input travels.
  what_if: defineEndpoint({
    kind: "mutation",
    access: "predictions:read",
    isTool: true,
    weight: 10,
    rest: { method: "POST", path: "/predictions/what-if", status: 200 },
    summary: "Optimise over metrics and APYs of your own",
    description:
      "Scores the metrics by the RiskEngine contract's arithmetic and allocates as run_optimization does, under the same limits and costs, by the APYs of the request in place of forecasts: these are taken at their word. What fits nowhere is unallocated. Stores nothing and may be repeated. Every protocol counts as active unless its status says otherwise; your preferred protocols do not matter.",
    input: whatIfInput,
    output: whatIf,
    errors: ["ALLOCATION_INVALID"],
  }),
} as const;
