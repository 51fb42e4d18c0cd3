import { createClient } from "@obsqra/client";
import type { Steps } from "./walk.ts";

/** Calls through the typed client that frontends import. */
export function clientSteps(origin: string): Steps {
  const { auth, users, analytics, predictions, transactions } = createClient({ url: origin });
  return {
    register: (input) => auth.register.mutate(input),
    login: (input) => auth.login.mutate(input),
    refresh: (input) => auth.refresh.mutate(input),
    me: () => auth.me.query(),
    profile: () => users.profile.query(),
    updatePreferences: (input) => users.update_preferences.mutate(input),
    dashboard: () => analytics.dashboard.query(),
    riskHistory: (input) => analytics.risk_history.query(input),
    riskForecast: (input) => predictions.risk_forecast.query(input),
    yieldForecast: (input) => predictions.yield_forecast.query(input),
    runOptimization: () => predictions.run_optimization.mutate(),
    suggestions: () => predictions.rebalance_suggestions.query(),
    createTransaction: (input) => transactions.create.mutate(input),
    transactions: () => transactions.list.query({ limit: 10 }),
    transaction: (input) => transactions.get.query(input),
    allocationHistory: () => analytics.allocation_history.query(),
    logout: () => auth.logout.mutate(),
  };
}
