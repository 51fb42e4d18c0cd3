import type {
  AlertDigestsTable,
  AlertsTable,
  AlertTasksTable,
  RiskAlertsTable,
} from "./tables/alerts.table.ts";
import type { AnalyticsCacheTable } from "./tables/analytics.table.ts";
import type { AuditEventsTable, ChainedLogsTable } from "./tables/audit.table.ts";
import type {
  AgentTokensTable,
  ApiKeysTable,
  AuthOneTimeTokensTable,
  AuthRefreshTokensTable,
  AuthSessionsTable,
  AuthThrottleTable,
} from "./tables/auth.table.ts";
import type { EmailOutboxTable } from "./tables/email.table.ts";
import type { EventClockTable, EventReadersTable, EventsTable } from "./tables/events.table.ts";
import type {
  IdentitiesTable,
  IdentityAttemptsTable,
  SessionIdentitiesTable,
} from "./tables/identities.table.ts";
import type { JobSchedulesTable } from "./tables/jobs.table.ts";
import type { IdempotencyKeysTable, RateLimitsTable, StorageUseTable } from "./tables/limits.table.ts";
import type {
  LogChainHashesTable,
  LogChainHeadsTable,
  LogCheckpointsTable,
  LogCosignaturesTable,
  LogEntriesTable,
  LogHashesTable,
  LogKeysTable,
  LogSaltsTable,
} from "./tables/log.table.ts";
import type {
  DroppedMarketsTable,
  MarketFeedAcceptancesTable,
  MarketFeedFailuresTable,
  MarketHistoryRevisionsTable,
  MarketHistoryTable,
  MarketImportsTable,
  MarketsTable,
  ProtocolKindsTable,
  ProtocolStatusesTable,
  ProtocolsTable,
  QuarantinedMarketsTable,
  RiskHistoryTable,
} from "./tables/market.table.ts";
import type { OrganisationInvitationsTable, OrganisationMembersTable } from "./tables/organisations.table.ts";
import type { PasskeyChallengesTable, PasskeysTable } from "./tables/passkeys.table.ts";
import type {
  ArtefactsTable,
  ForecastRunsTable,
  ModelDecisionsTable,
  ModelPromotionsTable,
  ModelsTable,
  PredictionsTable,
  RebalanceChecksTable,
  RebalanceSuggestionsTable,
  SuggestionRecordTable,
} from "./tables/predictions.table.ts";
import type {
  RecoveryCodesTable,
  RememberedDevicesTable,
  TotpFactorsTable,
} from "./tables/second-factors.table.ts";
import type {
  AllocationHistoryTable,
  OpenTransactionsTable,
  TransactionStatusesTable,
  TransactionsTable,
} from "./tables/transactions.table.ts";
import type { UserPasswordsTable, UsersTable, UserWalletsTable } from "./tables/users.table.ts";
import type { WebhookAttemptsTable, WebhookDeliveriesTable, WebhooksTable } from "./tables/webhooks.table.ts";

/** Every table, by name. */
export interface Tables {
  agent_tokens: AgentTokensTable;
  alert_digests: AlertDigestsTable;
  alert_tasks: AlertTasksTable;
  alerts: AlertsTable;
  allocation_history: AllocationHistoryTable;
  analytics_cache: AnalyticsCacheTable;
  api_keys: ApiKeysTable;
  artefacts: ArtefactsTable;
  audit_events: AuditEventsTable;
  auth_one_time_tokens: AuthOneTimeTokensTable;
  auth_refresh_tokens: AuthRefreshTokensTable;
  auth_sessions: AuthSessionsTable;
  auth_throttle: AuthThrottleTable;
  chained_logs: ChainedLogsTable;
  dropped_markets: DroppedMarketsTable;
  email_outbox: EmailOutboxTable;
  event_clock: EventClockTable;
  event_readers: EventReadersTable;
  events: EventsTable;
  forecast_runs: ForecastRunsTable;
  idempotency_keys: IdempotencyKeysTable;
  job_schedules: JobSchedulesTable;
  identities: IdentitiesTable;
  identity_attempts: IdentityAttemptsTable;
  log_chain_hashes: LogChainHashesTable;
  log_chain_heads: LogChainHeadsTable;
  log_checkpoints: LogCheckpointsTable;
  log_cosignatures: LogCosignaturesTable;
  log_entries: LogEntriesTable;
  log_hashes: LogHashesTable;
  log_keys: LogKeysTable;
  log_salts: LogSaltsTable;
  market_feed_failures: MarketFeedFailuresTable;
  market_feed_acceptances: MarketFeedAcceptancesTable;
  market_history: MarketHistoryTable;
  market_history_revisions: MarketHistoryRevisionsTable;
  market_imports: MarketImportsTable;
  markets: MarketsTable;
  model_decisions: ModelDecisionsTable;
  model_promotions: ModelPromotionsTable;
  models: ModelsTable;
  open_transactions: OpenTransactionsTable;
  organisation_invitations: OrganisationInvitationsTable;
  organisation_members: OrganisationMembersTable;
  passkey_challenges: PasskeyChallengesTable;
  passkeys: PasskeysTable;
  predictions: PredictionsTable;
  protocol_kinds: ProtocolKindsTable;
  protocol_statuses: ProtocolStatusesTable;
  protocols: ProtocolsTable;
  quarantined_markets: QuarantinedMarketsTable;
  rate_limits: RateLimitsTable;
  recovery_codes: RecoveryCodesTable;
  rebalance_suggestions: RebalanceSuggestionsTable;
  rebalance_checks: RebalanceChecksTable;
  remembered_devices: RememberedDevicesTable;
  risk_alerts: RiskAlertsTable;
  session_identities: SessionIdentitiesTable;
  risk_history: RiskHistoryTable;
  storage_use: StorageUseTable;
  suggestion_record: SuggestionRecordTable;
  totp_factors: TotpFactorsTable;
  transaction_statuses: TransactionStatusesTable;
  transactions: TransactionsTable;
  user_passwords: UserPasswordsTable;
  user_wallets: UserWalletsTable;
  users: UsersTable;
  webhook_attempts: WebhookAttemptsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhooks: WebhooksTable;
}
