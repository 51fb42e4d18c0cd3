// Allocation
export type { AllocationOptimizer } from "./allocation/allocation-optimizer.ts";
export { createAllocationOptimizer } from "./allocation/allocation-optimizer.ts";
export type {
  AllocationAdvice,
  AllocationCandidate,
  AllocationCosts,
  AllocationRequest,
  AllocationResult,
  BindingLimit,
  BindingLimitName,
  ExcludedProtocol,
  ForcedMove,
  InfeasibleAllocation,
  LimitName,
  ProtocolStatus,
} from "./allocation/allocation-types.ts";
export type { AllocationErrorCode } from "./allocation/errors.ts";
export { AllocationError } from "./allocation/errors.ts";
export { robustYield } from "./allocation/holdings.ts";
export type { AllocationLimits, RiskTolerance } from "./allocation/limits.ts";
export { DIVERSIFYING_SHARE_BP, limitsForTolerance, MIN_SHARE_BP } from "./allocation/limits.ts";
export { MAX_CANDIDATES } from "./allocation/validate.ts";
// Forecasting
export type { BaselineName } from "./baselines.ts";
export { BASELINE_NAMES } from "./baselines.ts";
export type { ReliabilityBin } from "./confidence.ts";
export { CONFIDENCE_DEFINITION } from "./confidence.ts";
export { panelSha256 } from "./content-hash.ts";
export { decidePromotion } from "./decide-promotion.ts";
export type { EvaluationOptions, EvaluationReport } from "./evaluate-forecasts.ts";
export { evaluateForecasts } from "./evaluate-forecasts.ts";
export type { CandidateReport, IntervalReport, ProtocolReport } from "./evaluation-scores.ts";
export type { ForecastOptions } from "./forecast.ts";
export { forecastPanel } from "./forecast.ts";
export type { CandidateMetrics, IntervalMetrics } from "./forecast-errors.ts";
export type { ModelKind } from "./forecast-space.ts";
export type {
  ForecastDetails,
  ForecastFigures,
  MarketForecast,
  PanelForecasts,
  ProtocolForecast,
} from "./forecast-types.ts";
export { STALE_DAYS } from "./forecast-types.ts";
export type {
  IlliquidityOptions,
  IlliquidityReport,
  IlliquidityScores,
} from "./illiquidity/illiquidity.ts";
export {
  evaluateIlliquidity,
  ILLIQUIDITY_DEFINITION,
  ILLIQUIDITY_HORIZON_DAYS,
} from "./illiquidity/illiquidity.ts";
export type { MarketKind, MarketSeries } from "./market-series.ts";
export type { MlErrorCode } from "./ml-error.ts";
export { MlError } from "./ml-error.ts";
export type { ArtefactHeader, LoadedModel } from "./model-artefact.ts";
export { loadModel } from "./model-artefact.ts";
export type { PromotionDecision, PromotionReason } from "./promotion.ts";
export { PROMOTION_GAIN_MIN } from "./promotion.ts";
export type { LiquidityTier, RiskHistoryEntry, RiskMetrics, ScoreRisk } from "./risk/risk-metrics.ts";
export { liquidityTier, riskHistory, riskMetricsAt } from "./risk/risk-metrics.ts";
export { realisedRisk } from "./risk/risk-table.ts";
export type { ModelMetrics, TrainedModel, TrainedModels, TrainOptions } from "./train-models.ts";
export { trainModel, trainModels } from "./train-models.ts";
export { realisedYield } from "./yield/yield-table.ts";
