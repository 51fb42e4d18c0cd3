import { createDatasetBuilder, type DatasetBuilder, hashMarkets, marketsMax } from "../dataset-builder.ts";
import { MarketSourceError } from "../errors.ts";
import { refuseMarket } from "../market-gate.ts";
import type { Clock, LoadOptions, MarketDataset, MarketSource } from "../market-source.ts";
import { sleep } from "../sleep.ts";
import type { DefiLlamaPool } from "./defillama-schema.ts";
import { pool as poolSchema, poolsEnvelope } from "./defillama-schema.ts";
import type { JsonClient } from "./http-json.ts";
import { createJsonClient } from "./http-json.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { createPoolHistoryReader, type PoolHistory } from "./pool-history.ts";

/** Options of {@link createDefiLlamaSource}. */
export interface DefiLlamaSourceOptions {
  /** @default "https://yields.llama.fi" */
  baseUrl?: string;
  /** @default "Starknet" */
  chain?: string;
  /** DefiLlama's project names. @default {@link starknetProjects} */
  projects?: readonly string[];
  fetch: typeof fetch;
  clock: Clock;
  /** Uniform in [0, 1), for the jitter of retries. @default Math.random */
  random?: () => number;
  /** Waits between retries. @default setTimeout */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** For one attempt. @default 15000 */
  timeoutMs?: number;
  /** Further attempts after the first. @default 3 */
  retries?: number;
  /**
   * For a whole load, however many pools there are: each of a feed's responses may be in time, and all together never come to an
   * end, while a start, or the next load, waits. @default 300000
   */
  loadTimeoutMs?: number;
  /** Pools downloaded at a time. @default 4 */
  concurrency?: number;
}

/** A market source that can tell cheaply whether it can be reached. */
export interface DefiLlamaSource extends MarketSource {
  /** One short request, no retries, the body not read. Never throws. */
  isReachable(signal?: AbortSignal): Promise<boolean>;
}

/** DefiLlama's names of the Starknet projects that we follow. */
export const starknetProjects: readonly string[] = [
  "nostra-money-market",
  "nostra-pools",
  "ekubo",
  "vesu",
  "endur",
  "troves",
];

const loadTimeoutMs = 300_000;
const probeTimeoutMs = 3_000;
/** All of DefiLlama's 20,000 pools are about 15 MB. */
const listBytesMax = 64 * 1024 * 1024;
/** Pools in a row without a response after which the service is taken for down. */
const unreachablePoolsMax = 5;

/**
 * Live history from DefiLlama's public API: `/pools`, then `/chart/{pool}` for each pool of the wanted chain and
 * projects, and `/chartLendBorrow/{pool}` for those of one asset, from which utilization and borrow rate come (null
 * where that endpoint gives nothing). A pool or row of an unexpected shape is rejected and counted. Markets whose history or borrow
 * side could not be had, and those with a jump that the list of pools does not show, are named in `doubts`.
 *
 * `load` throws MarketSourceError `UNREACHABLE` or `BAD_RESPONSE` when the list of pools, all charts, or five
 * charts in a row cannot be had, and `UNREACHABLE` when not everything has come in time.
 */
export function createDefiLlamaSource(options: DefiLlamaSourceOptions): DefiLlamaSource {
  const { chain = "Starknet", projects = starknetProjects, fetch, clock, timeoutMs = 15_000 } = options;
  const baseUrl = (options.baseUrl ?? "https://yields.llama.fi").replace(/\/+$/, "");
  const client = createJsonClient({
    fetch,
    timeoutMs,
    retries: options.retries ?? 3,
    random: options.random ?? Math.random,
    now: clock,
    sleep: options.sleep ?? sleep,
  });

  return {
    name: "defillama",
    simulated: false,

    async isReachable(signal) {
      const timeout = AbortSignal.timeout(Math.min(timeoutMs, probeTimeoutMs));
      try {
        const response = await fetch(`${baseUrl}/pools`, {
          redirect: "manual",
          signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        });
        await response.body?.cancel();
        return response.ok;
      } catch {
        return false;
      }
    },

    async load(loadOptions: LoadOptions = {}): Promise<MarketDataset> {
      const { onProgress } = loadOptions;
      const time = limitTime(options.loadTimeoutMs ?? loadTimeoutMs, loadOptions.signal);
      const { signal } = time;
      const fetchedAt = clock();
      const builder = createDatasetBuilder(fetchedAt);
      const { pools, problems } = await time.orTooLate(
        listPools(client, { baseUrl, chain, projects }, signal),
      );
      for (const { position, reason } of problems) {
        builder.reject(position, reason);
      }

      const readHistory = createPoolHistoryReader(client, { baseUrl });
      const checkOutage = createOutageCheck();
      const keep = keepInOrder(builder);
      let done = 0;
      onProgress?.({ step: "downloading", done, total: pools.length });
      const reading = mapConcurrently(pools, options.concurrency ?? 4, async ({ pool, position }, index) => {
        const history = await readHistory(pool, signal);
        checkOutage(history.error);
        keep(index, { position, history });
        done += 1;
        onProgress?.({ step: "downloading", done, total: pools.length });
        return { error: history.error, doubts: history.doubts };
      });
      const outcomes = await time.orTooLate(reading);
      if (outcomes.length > 0 && outcomes.every(({ error }) => error !== undefined)) {
        throw outcomes[0]?.error;
      }

      const { markets, report } = await builder.finish(loadOptions);
      return {
        source: "defillama",
        simulated: false,
        fetched_at: fetchedAt,
        content_sha256: hashMarkets(markets),
        markets,
        report,
        // What the gate refuses is stored nowhere, so that nothing of it has to be left out.
        doubts: outcomes.flatMap(({ doubts }) =>
          doubts.filter(({ market }) => refuseMarket(market) === undefined),
        ),
      };
    },
  };
}

/** A time for everything, besides the caller's signal. */
function limitTime(milliseconds: number, caller: AbortSignal | undefined) {
  const timeout = AbortSignal.timeout(milliseconds);
  return {
    signal: caller === undefined ? timeout : AbortSignal.any([caller, timeout]),
    /** @throws MarketSourceError `UNREACHABLE` when the time ended it */
    orTooLate: async <TResult>(work: Promise<TResult>): Promise<TResult> => {
      try {
        return await work;
      } catch (cause) {
        caller?.throwIfAborted();
        if (!timeout.aborted || cause instanceof MarketSourceError) throw cause;
        throw new MarketSourceError(
          "UNREACHABLE",
          `DefiLlama has not sent everything within ${milliseconds / 1_000} seconds. Check the network, or use another market source.`,
          { cause },
        );
      }
    },
  };
}

interface ReadPool {
  readonly position: number;
  readonly history: PoolHistory;
}

/**
 * Adds what was read to the builder in the order of the pools, as soon as all before it is there, and lets go of it: all
 * histories as objects would take many times what the builder makes of them.
 */
function keepInOrder(builder: DatasetBuilder): (index: number, pool: ReadPool) => void {
  const waiting = new Map<number, ReadPool>();
  let next = 0;
  return (index, pool) => {
    waiting.set(index, pool);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      const { position, history } = ready;
      for (const reason of history.rejections) builder.reject(position, reason);
      for (const observation of history.observations) builder.add(position, history.market, observation);
      waiting.delete(next);
      next += 1;
    }
  };
}

interface PoolList {
  /** `position` is 1-based in the list of pools of the wanted chain and projects. */
  pools: { position: number; pool: DefiLlamaPool }[];
  problems: { position: number; reason: string }[];
}

async function listPools(
  client: JsonClient,
  wanted: { baseUrl: string; chain: string; projects: readonly string[] },
  signal: AbortSignal | undefined,
): Promise<PoolList> {
  const envelope = poolsEnvelope.safeParse(
    await client.get(`${wanted.baseUrl}/pools`, { bytesMax: listBytesMax, signal }),
  );
  if (!envelope.success) {
    throw new MarketSourceError("BAD_RESPONSE", "The list of pools is not what DefiLlama documents.", {
      cause: envelope.error,
    });
  }
  const list: PoolList = { pools: [], problems: [] };
  let position = 0;
  for (const candidate of envelope.data.data) {
    if (!isWanted(candidate, wanted.chain, wanted.projects)) {
      continue;
    }
    position += 1;
    const parsed = poolSchema.safeParse(candidate);
    if (list.pools.length >= marketsMax) {
      list.problems.push({
        position,
        reason: `pool ${position} is one more than the ${marketsMax} that are read`,
      });
    } else if (parsed.success) {
      list.pools.push({ position, pool: parsed.data });
    } else {
      const fields = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
      list.problems.push({ position, reason: `pool ${position} has an unexpected ${fields}` });
    }
  }
  return list;
}

/** Cheap, because it runs on all of DefiLlama's 20,000 pools. */
function isWanted(candidate: unknown, chain: string, projects: readonly string[]): boolean {
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    "chain" in candidate &&
    candidate.chain === chain &&
    "project" in candidate &&
    typeof candidate.project === "string" &&
    projects.includes(candidate.project)
  );
}

/** Gives up early when the service is gone, instead of waiting for every pool's retries. */
function createOutageCheck(): (error: MarketSourceError | undefined) => void {
  let unreachableInARow = 0;
  return (error) => {
    unreachableInARow = error?.code === "UNREACHABLE" ? unreachableInARow + 1 : 0;
    if (error !== undefined && unreachableInARow >= unreachablePoolsMax) {
      throw error;
    }
  };
}
