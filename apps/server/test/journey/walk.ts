import type {
  AllocationHistory,
  Dashboard,
  Preferences,
  Profile,
  RebalanceSuggestion,
  RebalanceSuggestions,
  RegisterInput,
  RiskForecast,
  RiskHistory,
  Tokens,
  Transaction,
  Transactions,
  UpdatePreferencesInput,
  User,
  YieldForecast,
} from "@obsqra/contract";

/** A transaction to log, as a caller writes it. */
interface NewTransaction {
  readonly tx_hash: string;
  readonly tx_type: "deposit" | "allocate";
  readonly amount: string;
  readonly details?: { token: string };
  readonly suggestion_id?: string;
}

/** The documented endpoints, as one way of calling offers them. */
export interface Steps {
  register(input: RegisterInput): Promise<Tokens>;
  login(input: { email: string; password: string }): Promise<Tokens>;
  refresh(input: { refresh_token: string }): Promise<Tokens>;
  me(): Promise<User>;
  profile(): Promise<Profile>;
  updatePreferences(input: UpdatePreferencesInput): Promise<Preferences>;
  dashboard(): Promise<Dashboard>;
  riskHistory(input: { protocol: string; days: number }): Promise<RiskHistory>;
  riskForecast(input: { granularity: "protocol" | "market" }): Promise<RiskForecast>;
  yieldForecast(input: { granularity: "protocol" | "market" }): Promise<YieldForecast>;
  runOptimization(): Promise<RebalanceSuggestion>;
  suggestions(): Promise<RebalanceSuggestions>;
  createTransaction(input: NewTransaction): Promise<Transaction>;
  transactions(): Promise<Transactions>;
  transaction(input: { tx_hash: string }): Promise<Transaction>;
  allocationHistory(): Promise<AllocationHistory>;
  logout(): Promise<unknown>;
}

const password = "correct horse battery staple";

/** What a user does with the service, and everything that it returned on the way. */
export async function walk(steps: Steps, email: string): Promise<Record<string, unknown>> {
  await steps.register({ email, password, full_name: "Ada Lovelace" });
  const tokens = await steps.login({ email, password });
  await steps.refresh({ refresh_token: tokens.refresh_token });
  const user = await steps.me();
  const preferences = await steps.updatePreferences({ risk_tolerance: "high", rebalance_threshold: 2.5 });
  const profile = await steps.profile();
  const before = await steps.dashboard();
  const [protocol = ""] = before.protocols
    .filter((each) => each.market_count > 0)
    .map((each) => each.protocol);
  const riskHistory = await steps.riskHistory({ protocol, days: 14 });
  const riskForecast = await steps.riskForecast({ granularity: "protocol" });
  const marketRiskForecast = await steps.riskForecast({ granularity: "market" });
  const yieldForecast = await steps.yieldForecast({ granularity: "protocol" });
  const marketYieldForecast = await steps.yieldForecast({ granularity: "market" });
  const suggestion = await steps.runOptimization();
  const suggestions = await steps.suggestions();
  const deposit = await steps.createTransaction({
    tx_hash: "0xA1",
    tx_type: "deposit",
    amount: "1000000.000000000000000001",
    details: { token: "USDC" },
  });
  const allocate = await steps.createTransaction({
    tx_hash: "0xa2",
    tx_type: "allocate",
    amount: "1000000.000000000000000001",
    suggestion_id: suggestion.id,
  });
  const transactions = await steps.transactions();
  const found = await steps.transaction({ tx_hash: "0x00a1" });
  const allocationHistory = await steps.allocationHistory();
  const after = await steps.dashboard();
  const secondSuggestion = await steps.runOptimization();
  await steps.logout();
  return {
    user,
    preferences,
    profile,
    before,
    riskHistory,
    riskForecast,
    marketRiskForecast,
    yieldForecast,
    marketYieldForecast,
    suggestion,
    suggestions,
    deposit,
    allocate,
    transactions,
    found,
    allocationHistory,
    after,
    secondSuggestion,
  };
}
