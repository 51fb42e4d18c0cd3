export { findLiveSession } from "./access/access.queries.ts";
export {
  type AccessTokenSettings,
  accessTokenSettings,
  authenticate,
  type ClaimedSession,
  issueAccessToken,
} from "./access/access-token.ts";
export {
  type Actor,
  type ActorUser,
  isForOrganisation,
  type SessionActor,
} from "./access/actor.ts";
export { createAgentKey, createKey, isAgentKey, type NewKey, renewKey } from "./access/api-key.ts";
export { hashToken } from "./access/hash-token.ts";
export { createResponseCache, type ResponseCache } from "./cache/response-cache.ts";
export { createSharedCache } from "./cache/shared-cache.ts";
export {
  createSharedResponses,
  printedResponse,
  type SharedResponses,
} from "./cache/shared-responses.ts";
export type { CallContext, PlatformDependencies } from "./call/call-context.ts";
export type { CallMeter } from "./call/call-meter.ts";
export { type CheckOutput, requireExactOutput, trustOutput } from "./call/check-output.ts";
export type { RequestFacts } from "./call/request-facts.ts";
export { createResponseFacts, type LimitState, type ResponseFacts } from "./call/response-facts.ts";
export { type Command, defineCommand, PlanOutdatedError, Refused } from "./commands/command.ts";
export { type CommandDependencies, runCommand } from "./commands/run-command.ts";
export { type WriteDependencies, writeTransaction } from "./commands/write-transaction.ts";
export { type CreateId, createIdGenerator, gatherBytes } from "./create-id.ts";
export { clockDifferenceMs, elapsedMs, latestMoment } from "./elapsed.ts";
export { AppError } from "./errors/app-error.ts";
export { toAppError } from "./errors/to-app-error.ts";
export { toTrpcRefusal } from "./errors/trpc-error-data.ts";
export type { Emit, Event, EventPosition, NewEvent } from "./events/event.ts";
export { comparePositions, parsePosition, printPosition } from "./events/event-position.ts";
export {
  type EventReader,
  type EventReaderDependencies,
  firstPosition,
  getEventsAfter,
  getEventsSince,
  readEvents,
} from "./events/event-reader.ts";
export { getEventsHeldSince } from "./events/held-events.ts";
export {
  areHashesEqual,
  type ChainBreak,
  type ChainEnd,
  followChain,
  followLog,
  hashContent,
  type ListedLog,
  toHex,
} from "./hash-chain.ts";
export {
  type AnyJob,
  defineJob,
  type JobDescription,
  type JobRun,
  newestSlot,
  nextSlot,
} from "./jobs/job.ts";
export {
  getDeadJobs,
  getJobQueues,
  getJobRuns,
  getJobStates,
  getLateJobs,
  getRunsOfJobs,
  type JobRunRow,
  type JobState,
  pauseJob,
  requestJobRun,
  retryJob,
} from "./jobs/job-runs.service.ts";
export { type RunningJobs, runJobs } from "./jobs/run-jobs.ts";
export { type CallLimiter, type CreateSharedCounter, createCallLimiter } from "./limits/call-limiter.ts";
export { type CallTurns, createCallTurns } from "./limits/call-turns.ts";
export {
  actorCounters,
  addressCounter,
  type CountingDependencies,
  chargeActor,
  countAddress,
  noteAddress,
  type SharedBill,
} from "./limits/count-call.ts";
export { networkOf } from "./limits/ip-network.ts";
export { createLimitPolicies, defaultLimitQuotas, type LimitQuotas } from "./limits/limit-policies.ts";
export { createPostgresCounters, createRedisCounters, type RedisClient } from "./limits/shared-counters.ts";
export { assertRoom, defaultStorageQuotas, type StorageQuotas } from "./limits/storage-quota.ts";
export { idKey, momentInKey, nameInKey, positionInKey, readCursor, toPage } from "./lists/cursor.ts";
export { type TimePage, timeOrders } from "./lists/time-order.ts";
export {
  cutToBytes,
  type FoundRows,
  listWithinBytes,
  pageBytesMax,
  rowsToRead,
  toFoundRows,
  withinBytes,
} from "./lists/within-bytes.ts";
export type { Logger } from "./logger.ts";
export { lookWhenWritten } from "./look-when-written.ts";
export { fromReplica } from "./replica/from-replica.ts";
export { createReadReplica, type ReadReplica } from "./replica/read-replica.ts";
export { platformRetention } from "./retention/platform-retention.ts";
export { deleteExpired } from "./retention/retention.queries.ts";
export { applyRetention, type RetentionBatch, type RetentionRule } from "./retention/retention-rule.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export {
  createEventStreams,
  type EventStreamOptions,
  type EventStreams,
} from "./streams/event-streams.ts";
export { createStreamSlots, defaultStreamLimits, type StreamLimits } from "./streams/stream-slots.ts";
export type {
  OpenSubscription,
  StreamBatch,
  StreamMessage,
  Subscription,
} from "./streams/subscription.ts";
export { accessOf, createCallerFactory, createProcedures, mergeRouters, router } from "./trpc.ts";
export { withTimeout } from "./with-timeout.ts";
