import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createFileSource, type MarketObservation } from "@obsqra/market";
import { fixtureCsv } from "@obsqra/market/testing";

/** A pool with all that will ever be observed of it. */
export interface RecordedPool {
  readonly id: string;
  readonly project: string;
  readonly symbol: string;
  readonly observations: readonly MarketObservation[];
}

/** How the feed fails: it is down, says something that is no data, or has lost its pools. */
export type FeedFailure = "down" | "nonsense" | "no pools";

/** A feed like DefiLlama's that shows a recorded history as far as it has come. */
export interface RecordedFeed extends AsyncDisposable {
  readonly url: string;
  /** The newest observation that is shown. */
  readonly shownUntil: () => Date;
  /** Shows what was observed up to a moment. */
  reveal(until: Date): void;
  /** Fails from now on; undefined ends it. */
  fail(failure: FeedFailure | undefined): void;
}

/** Projects of Starknet under which the pools of the file stand, so that there is something to choose among. */
const projects = ["ekubo", "nostra-pools", "troves", "endur"];

/**
 * Reads the pools of a market file that were observed the longest.
 *
 * @param options.markets how many
 * @param options.days how many of the newest days they must have without a gap of more than a fifth
 */
export async function readPools(
  path: string,
  options: { readonly markets: number; readonly days: number },
): Promise<RecordedPool[]> {
  const dataset = await createFileSource({ path, clock: () => new Date() }).load();
  const last = Math.max(...dataset.markets.map(({ observed_until }) => observed_until.getTime()));
  const from = last - options.days * dayMs;
  const candidates = dataset.markets
    .filter(({ observed_until }) => observed_until.getTime() > last - 3 * dayMs)
    .map(({ market, observations }) => ({ market, observations }))
    .filter(
      ({ observations }) =>
        observations.filter(({ observed_at }) => observed_at.getTime() >= from).length > 0.8 * options.days,
    )
    .sort(
      (one, other) =>
        other.observations.length - one.observations.length || (one.market.id < other.market.id ? -1 : 1),
    );
  return candidates.slice(0, options.markets).map(({ market, observations }, index) => ({
    id: market.id,
    project: projects[index % projects.length] ?? "",
    symbol: market.symbol,
    observations,
  }));
}

/**
 * Writes a made-up history of DEX pools, always the same, for {@link readPools}: of stable assets, since on pairs with the price risk of
 * unknown assets nothing is advised.
 */
export async function makeUpHistory(
  path: string,
  options: { readonly markets: number; readonly days: number },
): Promise<void> {
  const history = fixtureCsv({ shape: "dex", seed: 1, ...options });
  await writeFile(path, history.replaceAll(/ETH-T\d+/g, "USDC-USDT"));
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Starts the feed on this machine. */
export async function startRecordedFeed(pools: readonly RecordedPool[]): Promise<RecordedFeed> {
  const byId = new Map(pools.map((pool) => [pool.id, pool]));
  let until = new Date(0);
  let failure: FeedFailure | undefined;
  const shown = ({ observations }: RecordedPool) =>
    observations.filter(({ observed_at }) => observed_at <= until);

  const server = createServer((request, response) => {
    if (failure === "down") return void response.writeHead(503, { "retry-after": "0" }).end();
    if (failure === "nonsense") return void response.writeHead(200).end("<html>Maintenance</html>");
    const [, route, id] = (request.url ?? "").split("/");
    if (route === "pools") {
      const known = failure === "no pools" ? [] : pools.filter((pool) => shown(pool).length > 0);
      return sendData(response, known.map(toPool));
    }
    const pool = byId.get(decodeURIComponent(id ?? ""));
    if (route !== "chart" || pool === undefined) return void response.writeHead(404).end();
    return sendData(response, shown(pool).map(toRow));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server that listens has a port.
  return {
    url: `http://127.0.0.1:${port}`,
    shownUntil: () =>
      new Date(Math.max(...pools.flatMap((pool) => shown(pool).at(-1)?.observed_at.getTime() ?? []))),
    reveal: (moment) => {
      until = moment;
    },
    fail: (next) => {
      failure = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function sendData(response: ServerResponse, data: readonly object[]): void {
  response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ status: "success", data }));
}

function toPool({ id, project, symbol, observations }: RecordedPool) {
  const tvlUsd = observations.at(-1)?.tvl_usd ?? 0;
  return { pool: id, project, symbol, chain: "Starknet", tvlUsd, exposure: "multi" };
}

function toRow({ observed_at, tvl_usd, apy, apy_base, apy_reward }: MarketObservation) {
  return {
    timestamp: observed_at.toISOString(),
    tvlUsd: tvl_usd,
    apy,
    apyBase: apy_base,
    apyReward: apy_reward,
  };
}
