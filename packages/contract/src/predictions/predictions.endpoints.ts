import { defineEndpoint } from "../endpoint.ts";
import {
  forecastInput,
  rebalanceSuggestion,
  rebalanceSuggestions,
  rebalanceSuggestionsInput,
  riskForecast,
  runOptimizationInput,
  yieldForecast,
} from "./predictions.schema.ts";

export const predictionsEndpoints = {
  risk_forecast: defineEndpoint({
    kind: "query",
    access: "user",
    rest: { method: "GET", path: "/predictions/risk-forecast", status: 200 },
    summary: "Risk score forecasts with interval and confidence",
    description: "Ordered by protocol, then market. confidence_tolerance is in score points.",
    input: forecastInput,
    output: riskForecast,
    errors: ["PROTOCOL_UNKNOWN", "FORECASTS_NOT_READY", "CURSOR_INVALID"],
  }),
  yield_forecast: defineEndpoint({
    kind: "query",
    access: "user",
    rest: { method: "GET", path: "/predictions/yield-forecast", status: 200 },
    summary: "Yield forecasts with interval and confidence",
    description:
      "Ordered by protocol, then market. confidence_tolerance is in percentage points of APY. A market's APY counts with at most 500 %, also in current_apy and baseline_apy, so that one pool's peak does not decide a protocol's figure.",
    input: forecastInput,
    output: yieldForecast,
    errors: ["PROTOCOL_UNKNOWN", "FORECASTS_NOT_READY", "CURSOR_INVALID"],
  }),
  rebalance_suggestions: defineEndpoint({
    kind: "query",
    access: "user",
    rest: { method: "GET", path: "/predictions/rebalance-suggestions", status: 200 },
    summary: "Your suggestions so far, with reason and expected improvement",
    description: "Newest first.",
    input: rebalanceSuggestionsInput,
    output: rebalanceSuggestions,
    errors: ["CURSOR_INVALID"],
  }),
  run_optimization: defineEndpoint({
    kind: "mutation",
    access: "user",
    rest: { method: "POST", path: "/predictions/run-optimization", status: 200 },
    summary: "Optimise your allocation now",
    description:
      "Uses the current forecasts, your preferences and your latest logged allocation; stores the suggestion and returns it.",
    input: runOptimizationInput,
    output: rebalanceSuggestion,
    errors: ["FORECASTS_NOT_READY", "ALLOCATION_INFEASIBLE", "ALLOCATION_INVALID", "PROTOCOL_UNKNOWN"],
  }),
} as const;
