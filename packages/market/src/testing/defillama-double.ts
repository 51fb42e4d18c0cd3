import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";

/** What the double serves. */
export interface DefiLlamaDoubleOptions {
  /** The pools of `GET /pools`, as they are sent; see {@link poolFixture}. */
  pools: readonly unknown[];
  /** The rows of `GET /chart/{pool}` by pool id; see {@link chartFixture}. A pool that is not listed gets 404. */
  charts?: Readonly<Record<string, readonly unknown[]>>;
  /** The rows of `GET /chartLendBorrow/{pool}` by pool id. @default none, every request gets 404 */
  lendBorrowCharts?: Readonly<Record<string, readonly unknown[]>>;
  /**
   * Misbehaviour by path (`"/pools"`, `"/chart/…"`), used up one entry per request before the path works
   * normally: a status with optional headers and body, `"hang-up"` to break the connection, or `"hang"` to say nothing.
   */
  failures?: Readonly<Record<string, readonly DoubleFailure[]>>;
}

/** One response other than the documented one. */
export type DoubleFailure =
  | { status: number; headers?: Record<string, string>; body?: string }
  | "hang-up"
  | "hang";

/** A running double; closes at the end of an `await using` block. */
export interface DefiLlamaDouble extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, for `baseUrl`. */
  readonly url: string;
  /** Paths requested so far, in order. */
  readonly requests: readonly string[];
}

/** Starts a local HTTP server that behaves like https://yields.llama.fi. */
export async function startDefiLlamaDouble(options: DefiLlamaDoubleOptions): Promise<DefiLlamaDouble> {
  const failures = new Map(Object.entries(options.failures ?? {}).map(([path, list]) => [path, [...list]]));
  const requests: string[] = [];

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url ?? "/");
    requests.push(path);
    const failure = failures.get(path)?.shift();
    if (failure === "hang-up") {
      response.destroy();
    } else if (failure === "hang") {
      // Whoever asks has to give up.
    } else if (failure !== undefined) {
      response.writeHead(failure.status, failure.headers).end(failure.body ?? "");
    } else {
      const data = findData(path, options);
      const body = data === undefined ? "invalid configID!" : { status: "success", data };
      response
        .writeHead(data === undefined ? 404 : 200, { "content-type": "application/json" })
        .end(JSON.stringify(body));
    }
  }

  const server = createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: urlOf(server),
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** A pool as `GET /pools` lists it, with the fields we ignore. */
export function poolFixture(
  given: { pool: string; project: string; symbol: string } & Record<string, unknown>,
): Record<string, unknown> {
  return {
    chain: "Starknet",
    tvlUsd: 1_234_567,
    apyBase: 5.1,
    apyReward: null,
    apy: 5.1,
    apyMean30d: 4.9,
    rewardTokens: null,
    underlyingTokens: null,
    stablecoin: false,
    ilRisk: "no",
    exposure: "multi",
    predictions: { predictedClass: "Stable/Up", predictedProbability: 71, binnedConfidence: 2 },
    poolMeta: null,
    ...given,
  };
}

/** Daily rows as `GET /chart/{pool}` returns them, ascending from `from` (`YYYY-MM-DD`). */
export function chartFixture(days: number, from = "2025-01-01"): Record<string, unknown>[] {
  return Array.from({ length: days }, (_, day) => ({
    timestamp: new Date(Date.parse(from) + day * 86_400_000 + 82_860_000).toISOString(),
    tvlUsd: 1_000_000 + 1_000 * day,
    apy: 5 + day / 100,
    apyBase: 4 + day / 100,
    apyReward: 1,
    il7d: null,
    apyBase7d: null,
  }));
}

function findData(path: string, options: DefiLlamaDoubleOptions): readonly unknown[] | undefined {
  const [, route = "", id = ""] = /^\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  switch (route) {
    case "pools":
      return options.pools;
    case "chart":
      return options.charts?.[id];
    case "chartLendBorrow":
      return options.lendBorrowCharts?.[id];
    default:
      return undefined;
  }
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("The double is not listening on a TCP port.");
  }
  return `http://127.0.0.1:${address.port}`;
}
