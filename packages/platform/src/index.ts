export { findLiveSession } from "./access/access.queries.ts";
export { type Authorized, authorize } from "./access/access.ts";
export {
  type AccessTokenSettings,
  accessTokenSettings,
  authenticate,
  issueAccessToken,
} from "./access/access-token.ts";
export type { Principal, SessionPrincipal } from "./access/actor.ts";
export { createKey, isApiKey } from "./access/api-key.ts";
export { hashToken } from "./access/hash-token.ts";
export { type AnswerCache, createAnswerCache } from "./cache/response-cache.ts";
export { shareAnswers } from "./cache/shared-cache.ts";
export type { RequestFacts } from "./call/request-facts.ts";
export { type AnswerFacts, createAnswerFacts, type LimitState } from "./call/response-facts.ts";
export { type CreateId, createIdGenerator } from "./create-id.ts";
export { AppError } from "./errors/app-error.ts";
export { toAppError } from "./errors/to-app-error.ts";
export {
  areHashesEqual,
  type ChainBreak,
  type ChainEnd,
  followChain,
  hashContent,
  toHex,
} from "./hash-chain.ts";
export { answerOnce, type KeyedCall } from "./idempotency/answer-once.ts";
export { type CallLimiter, type CreateSharedCounter, createCallLimiter } from "./limits/call-limiter.ts";
export {
  addressCounter,
  type CountingDependencies,
  countAddress,
  countPrincipal,
  principalCounters,
} from "./limits/count-call.ts";
export { networkOf } from "./limits/ip-network.ts";
export { createLimitPolicies, defaultLimitQuotas, type LimitQuotas } from "./limits/limit-policies.ts";
export { createPostgresCounters, createRedisCounters, type RedisClient } from "./limits/shared-counters.ts";
export { idKey, momentInKey, nameInKey, positionInKey, readCursor, toPage } from "./lists/cursor.ts";
export { timeOrders } from "./lists/time-order.ts";
export type { Logger } from "./logger.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export { withTimeout } from "./with-timeout.ts";
