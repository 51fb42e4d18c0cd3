export { registerAgentClient } from "./accounts/agents/agent-client.ts";
export {
  type OAuthParameters,
  oauthNames,
  openAgentRequest,
  readAgentRequest,
  redirectTo,
} from "./accounts/agents/agent-request.ts";
export {
  type AgentTokens,
  giveUpAgentTokens,
  renewAgentTokens,
} from "./accounts/agents/agent-tokens.service.ts";
export { OAuthError } from "./accounts/agents/oauth-error.ts";
export type { ChainVerdict } from "./accounts/audit/chained-logs.service.ts";
export { endSessionsOfProvider } from "./accounts/identities/back-channel-logout.service.ts";
export { createIdentityProviders } from "./accounts/identities/providers/create-identity-providers.ts";
export {
  type ProviderSettings,
  providerSettings,
} from "./accounts/identities/providers/provider-settings.ts";
export {
  type AccountCommandDependencies,
  countSessionsToEnd,
  endSessionsByOperator,
  getPlan,
  isOperator,
  setOperatorRights,
  setPlanByOperator,
  verifyAuditLogs,
} from "./accounts/operators/account-commands.service.ts";
export {
  AccountCommandError,
  type AccountSelection,
} from "./accounts/operators/account-selection.service.ts";
export { relyingPartyOf } from "./accounts/passkeys/relying-party.ts";
export { createPasswordHasher, type PasswordHasher } from "./accounts/passwords/password-hasher.ts";
export { defaultThrottleLimits, type ThrottleLimits } from "./accounts/throttle/throttle.service.ts";
export {
  isUnsubscription,
  type UnsubscribeDependencies,
  unsubscribeFromAlerts,
} from "./alerts/unsubscribe.service.ts";
export type { ApiDependencies } from "./dependencies.ts";
export { listJobs } from "./list-jobs.ts";
export { type DeliveryDependencies, deliverEmails } from "./mail/delivery.service.ts";
export type { Email } from "./mail/email.ts";
export { type Mailer, MailerError, type OutgoingEmail } from "./mail/mailer.ts";
export { queueEmail } from "./mail/outbox.service.ts";
export { getOutboxFigures } from "./mail/outbox-figures.service.ts";
export { acceptNextLoad } from "./market/accept-feed.service.ts";
export { importDataset } from "./market/import.service.ts";
export { findImport, registerProtocols } from "./market/market.service.ts";
export { type ObservedMarket, toPanel } from "./market/market-series.ts";
export {
  getProtocolKind,
  getProtocolKinds,
  type MarketKind,
  type ProtocolKindRow,
  setProtocolKind,
} from "./market/protocol-kinds.service.ts";
export {
  assertHasBegun,
  beginningOf,
  clearProtocolStatus,
  getProtocolStatus,
  getProtocolStatuses,
  getStatusHistory,
  ProtocolCommandError,
  type ProtocolStatusRow,
  type StatusChange,
  type StatusDecisionRow,
  setProtocolStatus,
} from "./market/protocol-statuses.service.ts";
export { type RefreshDependencies, refreshMarketHistory } from "./market/refresh.service.ts";
export { compareScoresJob } from "./market/risk-engine/risk-engine.jobs.ts";
export { getRiskEngineState, type RiskEngineState } from "./market/risk-engine/risk-engine.service.ts";
export type { GasQuotes } from "./predictions/advice/gas-quotes.ts";
export { createGasQuotes, gasQuotesEveryMs } from "./predictions/advice/gas-quotes.ts";
export type { Optimizer } from "./predictions/advice/optimizer.ts";
export { type Freshness, getFreshness } from "./predictions/forecasts/freshness.service.ts";
export { renewForecasts } from "./predictions/forecasts/renew-forecasts.service.ts";
export { getModelAges } from "./predictions/models/model-ages.service.ts";
export {
  type ModelChanged,
  ModelCommandError,
  planModelChange,
  promoteModel,
  rollBackModel,
} from "./predictions/models/model-commands.service.ts";
export type { DecisionDependencies } from "./predictions/models/model-decisions.service.ts";
export { findServedSource, getModels } from "./predictions/models/model-records.service.ts";
export type {
  DecidePromotion,
  ForecastPanel,
  ModelWork,
  StoredModel,
  TrainModels,
} from "./predictions/models/model-work.ts";
export { type ForecastKind, type LiveModels, loadLiveModels } from "./predictions/models/models.service.ts";
export { retrainModels } from "./predictions/models/retrain-models.service.ts";
export { verifyModelFiles } from "./predictions/models/verify-model-files.service.ts";
export type { PredictionJobDependencies } from "./predictions/predictions.jobs.ts";
export { getRecentRecord } from "./predictions/track-record/recent-record.service.ts";
export {
  type AnchorsDependencies,
  anchorLog,
  type LogAnchoring,
} from "./receipts/anchors/anchors.service.ts";
export {
  getAnchoredTree,
  getLogAnchorState,
  type LogAnchorState,
} from "./receipts/anchors/anchors-state.service.ts";
export { type Artefact, getArtefact, isArtefactName } from "./receipts/artefacts/artefacts.service.ts";
export { logChainHeads } from "./receipts/chains/chain-heads.service.ts";
export { canSignLog, rotateLogKey } from "./receipts/log/append-log.service.ts";
export { assertLogContinues } from "./receipts/log/check-log.service.ts";
export { LogChangedError } from "./receipts/log/log-changed-error.ts";
export { getLogEnd } from "./receipts/log/log-end.service.ts";
export { getLogFile, type LogFile } from "./receipts/log/log-files.service.ts";
export { verifyLog } from "./receipts/log/verify-log.service.ts";
export { writeLog } from "./receipts/log/write-log.service.ts";
export {
  collectCosignatures,
  type LogWitness,
  type WitnessResponse,
} from "./receipts/witnesses/cosignatures.service.ts";
export { cleanUp } from "./retention/clean-up.service.ts";
export { type AppRouter, appRouter, createCaller } from "./root.ts";
export { recordTransactionStatus } from "./transactions/transaction-entries.service.ts";
export { verifyTransactionLogs } from "./transactions/verify-logs.service.ts";
export type { ApiContext } from "./trpc.ts";
export { deliverWebhooks, type WebhookDeliveryDependencies } from "./webhooks/deliver-webhooks.service.ts";
export { getDeliveryFigures } from "./webhooks/delivery-figures.service.ts";
