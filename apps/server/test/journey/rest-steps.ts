import type { Steps } from "./walk.ts";

/** Calls the documented REST paths with nothing but `fetch`. */
export function restSteps(origin: string): Steps {
  let token: string | undefined;

  // What comes back is what the test is about, so nothing checks it on the way.
  async function call<TOutput>(method: string, path: string, body?: unknown): Promise<TOutput> {
    const headers: Record<string, string> = {};
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as TOutput;
  }

  async function signIn<TOutput extends { access_token: string }>(
    path: string,
    body: unknown,
  ): Promise<TOutput> {
    const reply = await call<TOutput>("POST", path, body);
    token = reply.access_token;
    return reply;
  }

  return {
    register: (input) => signIn("/auth/register", input),
    login: (input) => signIn("/auth/login", input),
    refresh: (input) => signIn("/auth/refresh", input),
    me: () => call("GET", "/auth/me"),
    profile: () => call("GET", "/users/profile"),
    updatePreferences: (input) => call("PUT", "/users/preferences", input),
    dashboard: () => call("GET", "/analytics/dashboard"),
    riskHistory: ({ protocol, days }) =>
      call("GET", `/analytics/risk-history?protocol=${protocol}&days=${days}`),
    riskForecast: ({ granularity }) => call("GET", `/predictions/risk-forecast?granularity=${granularity}`),
    yieldForecast: ({ granularity }) =>
      call("GET", `/predictions/yield-forecast/?granularity=${granularity}`),
    runOptimization: () => call("POST", "/predictions/run-optimization"),
    suggestions: () => call("GET", "/predictions/rebalance-suggestions"),
    createTransaction: (input) => call("POST", "/transactions/", input),
    transactions: () => call("GET", "/transactions/?limit=10"),
    transaction: ({ tx_hash }) => call("GET", `/transactions/${tx_hash}`),
    allocationHistory: () => call("GET", "/analytics/allocation-history"),
    logout: () => call("POST", "/auth/logout"),
  };
}
