import type { AnalyticsCacheTable } from "./tables/analytics.table.ts";
import type {
  AuthOneTimeTokensTable,
  AuthRefreshTokensTable,
  AuthSessionsTable,
} from "./tables/auth.table.ts";
import type {
  MarketHistoryTable,
  MarketImportsTable,
  MarketsTable,
  ProtocolsTable,
  RiskHistoryTable,
} from "./tables/market.table.ts";
import type {
  ModelDecisionsTable,
  ModelPromotionsTable,
  ModelsTable,
  PredictionsTable,
  RebalanceSuggestionsTable,
} from "./tables/predictions.table.ts";
import type {
  AllocationHistoryTable,
  TransactionStatusesTable,
  TransactionsTable,
} from "./tables/transactions.table.ts";
import type { UserPasswordsTable, UsersTable } from "./tables/users.table.ts";

/** Every table, by name. */
export interface Tables {
  allocation_history: AllocationHistoryTable;
  analytics_cache: AnalyticsCacheTable;
  auth_one_time_tokens: AuthOneTimeTokensTable;
  auth_refresh_tokens: AuthRefreshTokensTable;
  auth_sessions: AuthSessionsTable;
  market_history: MarketHistoryTable;
  market_imports: MarketImportsTable;
  markets: MarketsTable;
  model_decisions: ModelDecisionsTable;
  model_promotions: ModelPromotionsTable;
  models: ModelsTable;
  predictions: PredictionsTable;
  protocols: ProtocolsTable;
  rebalance_suggestions: RebalanceSuggestionsTable;
  risk_history: RiskHistoryTable;
  transaction_statuses: TransactionStatusesTable;
  transactions: TransactionsTable;
  user_passwords: UserPasswordsTable;
  users: UsersTable;
}
