import { type ApiDependencies, createCaller } from "@obsqra/features";
import type { Steps } from "./walk.ts";

/** Calls the procedures in process, as scripts and jobs do. */
export function callerSteps(api: ApiDependencies): Steps {
  let caller = createCaller({ ...api, request: requestWith(undefined) });

  async function signIn<TOutput extends { access_token: string }>(
    response: Promise<TOutput>,
  ): Promise<TOutput> {
    const tokens = await response;
    caller = createCaller({ ...api, request: requestWith(tokens.access_token) });
    return tokens;
  }

  return {
    register: (input) => signIn(caller.auth.register(input)),
    login: (input) => signIn(caller.auth.login(input)),
    refresh: (input) => signIn(caller.auth.refresh(input)),
    me: () => caller.auth.me(),
    profile: () => caller.users.profile(),
    updatePreferences: (input) => caller.users.update_preferences(input),
    dashboard: () => caller.analytics.dashboard(),
    riskHistory: (input) => caller.analytics.risk_history(input),
    riskForecast: (input) => caller.predictions.risk_forecast(input),
    yieldForecast: (input) => caller.predictions.yield_forecast(input),
    runOptimization: () => caller.predictions.run_optimization(),
    suggestions: () => caller.predictions.rebalance_suggestions(),
    createTransaction: (input) => caller.transactions.create(input),
    transactions: () => caller.transactions.list({ limit: 10 }),
    transaction: (input) => caller.transactions.get(input),
    allocationHistory: () => caller.analytics.allocation_history(),
    logout: () => caller.auth.logout(),
  };
}

function requestWith(accessToken: string | undefined) {
  return { id: "journey", access_token: accessToken, ip: undefined, user_agent: undefined };
}
