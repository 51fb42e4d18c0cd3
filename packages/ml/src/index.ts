// Advice

export type { AdviceBasis, OwnQuestion } from "./advice/advice-basis.ts";
export { adviceRequest, adviceRevision, writeAdviceBasis } from "./advice/advice-basis.ts";
export { adviceConfidenceDefinition, moveConfidenceMin } from "./advice/advice-confidence.ts";
export type { AdviceErrorCode } from "./advice/advice-error.ts";
export { AdviceError } from "./advice/advice-error.ts";
export { isTakenAtWord } from "./advice/advice-reasons.ts";
export type {
  AdviceLimit,
  AdviceLimitName,
  AdviceLine,
  AdviceRequest,
  AdviceWishes,
  ChainGas,
  HeldShare,
  IntervalForecast,
  MarketAdvice,
  MarketCandidate,
  MarketExclusion,
  ProtocolFigures,
  ProtocolStatus,
} from "./advice/advice-types.ts";
export type { Adviser } from "./advice/adviser.ts";
export { createAdviser } from "./advice/adviser.ts";
export type { GasSource } from "./advice/gas-source.ts";
export { gasSourceOf } from "./advice/gas-source.ts";
export { assetsOfSymbol, isStable } from "./advice/market-assets.ts";
export type { FollowedLine, RealisedGain } from "./advice/realised-gain.ts";
export { realisedGain } from "./advice/realised-gain.ts";
export type { RiskTolerance, ToleranceLimits } from "./advice/tolerances.ts";
export { limitsForTolerance } from "./advice/tolerances.ts";
export { confidenceDefinition } from "./calibration/confidence.ts";
export type { ReliabilityBin } from "./calibration/reliability.ts";
export type { AdviceBaselines, AdviceReport } from "./evaluation/advice-report.ts";
export type {
  AdviceEvaluation,
  AdviceEvaluationOptions,
  AdviceMarketFacts,
} from "./evaluation/evaluate-advice.ts";
export { evaluateAdvice } from "./evaluation/evaluate-advice.ts";
export type { EvaluationOptions, EvaluationReport } from "./evaluation/evaluate-forecasts.ts";
export { challengerIntervalDays, evaluateForecasts } from "./evaluation/evaluate-forecasts.ts";
export type { CandidateReport, IntervalReport, ProtocolReport } from "./evaluation/evaluation-scores.ts";
export type { PeerForecast, PeerReport } from "./evaluation/peer-comparison.ts";
export { scoringRules } from "./evaluation/scoring-rules.ts";
export { featureMeaning } from "./explanation/feature-meanings.ts";
// Forecasting
export type { BaselineName } from "./forecast/baselines.ts";
export { baselineNames } from "./forecast/baselines.ts";
export type { ForecastOptions } from "./forecast/forecast-panel.ts";
export { forecastPanel, forecastRevision } from "./forecast/forecast-panel.ts";
export type { ModelKind } from "./forecast/forecast-space.ts";
export { apyCapPercentDefault } from "./forecast/forecast-task.ts";
export type {
  ForecastDetails,
  ForecastExplanation,
  ForecastFigures,
  MarketForecast,
  PanelForecasts,
  ProtocolForecast,
} from "./forecast/forecast-types.ts";
export { knownWeightMin } from "./forecast/protocol-rows.ts";
export type {
  IlliquidityOptions,
  IlliquidityReport,
  IlliquidityScores,
} from "./illiquidity/illiquidity.ts";
export {
  evaluateIlliquidity,
  illiquidityDefinition,
  illiquidityHorizonDays,
  illiquidityObservedDaysMin,
  illiquidUtilization,
} from "./illiquidity/illiquidity.ts";
export type { MlErrorCode } from "./ml-error.ts";
export { MlError } from "./ml-error.ts";
export { panelBytes, panelSha256 } from "./model-format/content-hash.ts";
export type { ArtefactHeader, LoadedModel, NamedArtefact } from "./model-format/model-artefact.ts";
export { loadModel, readModelHeader } from "./model-format/model-artefact.ts";
export type { ManifestProof, ModelManifest } from "./model-format/model-manifest.ts";
export { isIntact, manifestSha256, modelVersion } from "./model-format/model-manifest.ts";
export type { MarketKind, MarketSeries } from "./panel/market-series.ts";
export { truncateSeries } from "./panel/market-series.ts";
export { type PanelDocument, writePanel } from "./panel/panel-documents.ts";
export { decidePromotion } from "./promotion/decide-promotion.ts";
export type { PromotionDecision, PromotionReason } from "./promotion/promotion-rule.ts";
export { promotionLossMax } from "./promotion/promotion-rule.ts";
export { staleDays } from "./risk/counted-markets.ts";
export type { LiquidityTier, RiskHistoryEntry, RiskMetrics, ScoreRisk } from "./risk/risk-metrics.ts";
export { liquidityTier, riskHistory, riskMetricsAt } from "./risk/risk-metrics.ts";
export { realisedRisk } from "./risk/risk-table.ts";
export type { CandidateMetrics, IntervalMetrics } from "./training/forecast-errors.ts";
export type { ModelMetrics, TrainedModel, TrainedModels, TrainOptions } from "./training/train-models.ts";
export { trainModel, trainModels } from "./training/train-models.ts";
export { realisedYield } from "./yield/yield-table.ts";
