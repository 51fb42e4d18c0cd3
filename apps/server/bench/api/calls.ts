import { writeOperation } from "@obsqra/graphql/testing";
import type { LoadRequest } from "./load.process.ts";

/** Who serves a call: ours over REST, tRPC, the Model Context Protocol and GraphQL, ours with its limits on Postgres, by one or two processes, and the peers. */
export type Target =
  | "rest"
  | "trpc"
  | "mcp"
  | "graphql"
  | "rest, limits on Postgres"
  | "rest, two processes"
  | "bare"
  | "plain tRPC";

/** A request before it is anybody's: `{user}` becomes the user's id, `{source}` the source of the market data. */
export type RequestTemplate = Omit<LoadRequest, "headers"> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/** The throughput of one target over that of another. */
export interface RatioBar {
  readonly of: Target;
  readonly over: Target;
  /** At least this much; undefined for a ratio that is only shown. */
  readonly atLeast: number | undefined;
}

/** One thing that is asked of every server. */
export interface ApiCall {
  readonly name: string;
  readonly targets: Readonly<Partial<Record<Target, RequestTemplate>>>;
  readonly bars: readonly RatioBar[];
  /** How many calls a request makes. @default 1 */
  readonly callsPerRequest?: number;
}

// As long as the API stores a hash, because the peers' table takes no other; zeros first, because field elements end below 2 ** 252.
const transaction = JSON.stringify({
  tx_hash: "0x00{unique}",
  tx_type: "deposit",
  amount: "1250.5",
  details: { token: "USDC", note: "a transaction" },
});
const keyed = { "idempotency-key": "{unique}" };

/** Bars of calls that all servers have: against bare, over tRPC, and against what others would write. */
function bars(againstBare: number | undefined, ...more: readonly RatioBar[]): readonly RatioBar[] {
  return [
    { of: "rest", over: "bare", atLeast: againstBare },
    { of: "trpc", over: "rest", atLeast: 0.85 },
    { of: "rest", over: "plain tRPC", atLeast: 2 },
    { of: "trpc", over: "plain tRPC", atLeast: 2 },
    ...more,
  ];
}

const limitsOnPostgres: RatioBar = { of: "rest, limits on Postgres", over: "rest", atLeast: 0.85 };
/** Both with limits on Postgres: processes cannot share a memory. */
const twoProcesses: RatioBar = {
  of: "rest, two processes",
  over: "rest, limits on Postgres",
  atLeast: 1.7,
};
const codecsOverRest: readonly RatioBar[] = [
  { of: "mcp", over: "rest", atLeast: 0.5 },
  { of: "graphql", over: "rest", atLeast: 0.5 },
];
const overTrpc: RatioBar = { of: "trpc", over: "rest", atLeast: 0.85 };

/** What is measured, in the order of the table. */
export const apiCalls: readonly ApiCall[] = [
  {
    name: "me",
    targets: {
      rest: get("/api/v1/auth/me"),
      trpc: get(trpc("auth.me")),
      mcp: mcp("auth_me", {}),
      graphql: graphql("auth.me", undefined),
      "rest, limits on Postgres": get("/api/v1/auth/me"),
      "rest, two processes": get("/api/v1/auth/me"),
      bare: get("/me?of={user}"),
      "plain tRPC": get(trpc("me")),
    },
    bars: bars(0.5, ...codecsOverRest, limitsOnPostgres, twoProcesses),
  },
  {
    name: "50 transactions",
    targets: {
      rest: get("/api/v1/transactions?limit=50"),
      trpc: get(trpc("transactions.list", { limit: 50 })),
      mcp: mcp("transactions_list", { limit: 50 }),
      graphql: graphql("transactions.list", { limit: 50 }),
      "rest, limits on Postgres": get("/api/v1/transactions?limit=50"),
      "rest, two processes": get("/api/v1/transactions?limit=50"),
      bare: get("/transactions?of={user}"),
      "plain tRPC": get(trpc("transactions", { limit: 50 })),
    },
    bars: bars(0.6, ...codecsOverRest, limitsOnPostgres, twoProcesses),
  },
  {
    name: "dashboard",
    targets: {
      rest: get("/api/v1/analytics/dashboard?days=7"),
      trpc: get(trpc("analytics.dashboard", { days: 7 })),
      bare: get("/dashboard?of={source}"),
      "plain tRPC": get(trpc("dashboard", { source: "{source}" })),
    },
    bars: bars(2.5),
  },
  {
    name: "200 forecasts",
    targets: {
      rest: get("/api/v1/predictions/risk-forecast?granularity=market&limit=200"),
      trpc: get(trpc("predictions.risk_forecast", { granularity: "market", limit: 200 })),
      bare: get("/forecasts?of={source}"),
      "plain tRPC": get(trpc("forecasts", { source: "{source}" })),
    },
    bars: bars(0.6),
  },
  {
    name: "risk history, 90 days",
    targets: {
      rest: get("/api/v1/analytics/risk-history?days=90"),
      trpc: get(trpc("analytics.risk_history", { days: 90 })),
      bare: get("/risk-history?of={source}"),
      "plain tRPC": get(trpc("risk_history", { source: "{source}" })),
    },
    bars: bars(undefined),
  },
  {
    name: "run_optimization",
    targets: {
      rest: post("/api/v1/predictions/run-optimization", "{}"),
      trpc: post("/trpc/predictions.run_optimization", "{}"),
    },
    bars: [overTrpc],
  },
  {
    name: "log a transaction",
    targets: {
      rest: post("/api/v1/transactions", transaction),
      trpc: post("/trpc/transactions.create", transaction),
      bare: post("/transactions?of={user}", transaction),
      "plain tRPC": post("/trpc/create", transaction),
    },
    bars: bars(undefined),
  },
  {
    name: "log a transaction with a key",
    targets: {
      rest: post("/api/v1/transactions", transaction, keyed),
      trpc: post("/trpc/transactions.create", transaction, keyed),
      bare: post("/transactions?of={user}", transaction, keyed),
      "plain tRPC": post("/trpc/create", transaction, keyed),
    },
    bars: bars(0.35),
  },
  {
    name: "batch of 5 me",
    targets: {
      trpc: get(`/trpc/${Array(5).fill("auth.me")}?batch=1&input=%7B%7D`),
      "plain tRPC": get(`/trpc/${Array(5).fill("me")}?batch=1&input=%7B%7D`),
    },
    bars: [{ of: "trpc", over: "plain tRPC", atLeast: 2 }],
    callsPerRequest: 5,
  },
  {
    name: "health",
    targets: {
      rest: get("/health"),
      bare: get("/health"),
      "plain tRPC": get(trpc("health")),
    },
    bars: [
      { of: "rest", over: "bare", atLeast: undefined },
      { of: "rest", over: "plain tRPC", atLeast: 2 },
    ],
  },
];

/** A batch has to bring this many times the calls a second of single ones. */
export const batchBar = { batch: "batch of 5 me", single: "me", atLeast: 3.5 } as const;

/** Who asks. */
export interface Caller {
  readonly user_id: string;
  /** Where it calls from, as a proxy says. */
  readonly address: string;
  readonly authorization: string;
}

/** The same request from each caller. */
export function requestsOf(
  template: RequestTemplate,
  callers: readonly Caller[],
  source: string,
): readonly LoadRequest[] {
  const path = template.path.replace("{source}", source).replace("%7Bsource%7D", source);
  const type: Record<string, string> =
    template.body === undefined ? {} : { "content-type": "application/json" };
  return callers.map(({ user_id, address, authorization }) => ({
    ...template,
    path: path.replace("{user}", user_id),
    headers: { ...type, ...template.headers, authorization, "x-forwarded-for": address },
  }));
}

function get(path: string): RequestTemplate {
  return { method: "GET", path };
}

function post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): RequestTemplate {
  return { method: "POST", path, body, headers };
}

/** A call of a tool, by the version of the protocol that has no sessions. */
function mcp(name: string, given: object): RequestTemplate {
  const version = "2026-07-28";
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": { name: "benchmark", version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const params = { name, arguments: given, _meta };
  return post("/mcp", JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }), {
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": version,
    "mcp-method": "tools/call",
    "mcp-name": name,
  });
}

/** An operation that asks for all that REST gives. */
function graphql(path: string, input: object | undefined): RequestTemplate {
  const { query, toVariables } = writeOperation(path);
  return post("/graphql", JSON.stringify({ query, variables: toVariables(input) }));
}

function trpc(path: string, input?: unknown): string {
  const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return `/trpc/${path}${query}`;
}
