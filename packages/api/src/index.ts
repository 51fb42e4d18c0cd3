export { type AnswerFacts, createAnswerFacts, type LimitState } from "./answer-facts.ts";
export { AppError } from "./app-error.ts";
export {
  type AccessTokenSettings,
  accessTokenSettings,
} from "./auth/access-token.ts";
export { createPasswordHasher, type PasswordHasher } from "./auth/password-hasher.ts";
export { defaultThrottleLimits, type ThrottleLimits } from "./auth/throttle.service.ts";
export {
  type RecheckDependencies,
  recheckCounterfactualWallets,
  type WalletRechecks,
} from "./auth/wallet-rechecks.service.ts";
export { type AnswerCache, createAnswerCache } from "./cache/answer-cache.ts";
export { shareAnswers } from "./cache/shared-answers.ts";
export { type CreateId, createIdGenerator } from "./create-id.ts";
export type { ApiDependencies, Logger, RequestFacts } from "./dependencies.ts";
export { type DeliveryDependencies, deliverEmails } from "./email/delivery.service.ts";
export type { Email } from "./email/email.ts";
export { type Mailer, MailerError, type OutgoingEmail } from "./email/mailer.ts";
export { queueEmail } from "./email/outbox.service.ts";
export { toAppError } from "./errors.ts";
export { type CallLimiter, type CreateSharedCounter, createCallLimiter } from "./limits/call-limiter.ts";
export { createLimitPolicies, defaultLimitQuotas, type LimitQuotas } from "./limits/limit-policies.ts";
export { createPostgresCounters, createRedisCounters, type RedisClient } from "./limits/shared-counters.ts";
export { type CleanUp, cleanUpAccounts } from "./maintenance/clean-up.service.ts";
export { findImport, importDataset, registerProtocols } from "./market/market.service.ts";
export { toPanel } from "./market/market-series.ts";
export { type RecordedActuals, recordActuals } from "./predictions/actuals.service.ts";
export {
  type ModelChanged,
  ModelCommandError,
  promoteModel,
  rollBackModel,
} from "./predictions/model-commands.service.ts";
export type { DecisionDependencies } from "./predictions/model-decisions.service.ts";
export { findServedSource, getModels } from "./predictions/model-records.service.ts";
export { type ForecastKind, type LiveModels, loadLiveModels } from "./predictions/models.service.ts";
export type { DecidePromotion } from "./predictions/promotion-decision.ts";
export {
  type RetrainOptions,
  retrainModels,
  type TrainModels,
} from "./predictions/retrain-models.service.ts";
export { type AppRouter, appRouter, createCaller } from "./root.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export { recordTransactionStatus } from "./transactions/transaction-entries.service.ts";
export type { ApiContext } from "./trpc.ts";
export {
  type AccountCommandDependencies,
  AccountCommandError,
  type AccountSelection,
  type ChainVerdict,
  endSessionsByOperator,
  setPlanByOperator,
  verifyAuditLogs,
  verifyTransactionLogs,
} from "./users/account-commands.service.ts";
