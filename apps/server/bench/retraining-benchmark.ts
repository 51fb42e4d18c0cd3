import { existsSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MarketDataset } from "@obsqra/market";
import { createMarketSource, toMarketHistory } from "@obsqra/market";
import { startPostgres } from "../../../packages/db/src/testing/start-postgres.ts";
import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { createDependencies } from "../src/create-dependencies.ts";
import { type Environment, readEnvironment } from "../src/env.ts";
import { createLogger } from "../src/logger.ts";
import { prepareModels } from "../src/prepare-models.ts";
import { marketFile } from "./market-file.ts";

/** The champion has not seen so many of the newest days, so that there is something to compare on. */
const newDays = 20;

const delayMsMax = 20;

/** How long a server that retrains keeps everything else waiting. */
export const retrainingBenchmark: Benchmark = {
  name: "retraining",
  title: "Retraining beside requests",
  description: `The server's own preparation of its models, in this process, on the real daily history of DEX pools and a real Postgres on the
same machine: first on the history without its last ${newDays} days, then on all of it, so that the second training is
compared with a champion. Measured is the event loop's delay from the start of each training until its forecasts are
stored: the bar is on what 99 of 100 requests would wait, at whatever moment they come, so that a hold-up counts as long as it
lasts. \`monitorEventLoopDelay\` counts it once; its p99 stands beside.`,
  run: measure,
};

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  if (!existsSync(marketFile)) {
    return [
      { work: "retraining", measured: "not measured: no market file", bar: "none", met: true, peer: "" },
    ];
  }
  const clock = () => new Date();
  const { source } = await createMarketSource({ source: "file", filePath: marketFile }, { clock, fetch });
  const dataset = await source.load();
  await using postgres = await startPostgres();
  const env = readEnvironment({
    ENVIRONMENT: "test",
    MARKET_SOURCE: "file",
    MARKET_FILE: marketFile,
    DATABASE_URL: postgres.url("postgres"),
  });
  const log = createLogger(env, { write: () => {} });
  const dependencies = await createDependencies({ env, log, clock, fetch });
  try {
    const rows: BenchmarkRow[] = [];
    for (const [work, data] of [
      ["first training", withoutNewest(dataset)],
      ["training against a champion", dataset],
    ] as const) {
      report(`retraining: ${work}`);
      const loads = { ...source, load: async () => data, contentSha256: async () => data.content_sha256 };
      rows.push(
        toRow(
          `${work}, ${data.markets.length} markets`,
          await retrain({ ...dependencies, source: loads }, env),
        ),
      );
    }
    return rows;
  } finally {
    await dependencies.close();
  }
}

interface Delay {
  /** What 99 of 100 requests would wait at most, whatever moment they come at. */
  readonly p99Ms: number;
  readonly histogramP99Ms: number;
  readonly longestMs: number;
  readonly seconds: number;
}

async function retrain(dependencies: Parameters<typeof prepareModels>[0], env: Environment): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const delays: number[] = [];
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    startedAt = performance.now();
    histogram.enable();
    let expectedAt = startedAt + 1;
    const tick = () => {
      const now = performance.now();
      delays.push(Math.max(0, now - expectedAt));
      expectedAt = now + 1;
      timer = setTimeout(tick, 1);
    };
    timer = setTimeout(tick, 1);
  };
  const console = {
    line: () => {},
    step: (name: string) => {
      if (name.startsWith("Training")) start();
      return () => {};
    },
  };
  const signal = new AbortController().signal;
  const models = await prepareModels(dependencies, { env, console, signal });
  histogram.disable();
  clearTimeout(timer);
  if (models === undefined || delays.length === 0) throw new Error("Nothing was trained.");
  return {
    p99Ms: waitOf(0.99, delays),
    histogramP99Ms: histogram.percentile(99) / 1e6,
    longestMs: Math.max(0, ...delays.filter((delay) => delay > delayMsMax)),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** A hold-up of d ms is met by a request at its start, which waits d, by one a millisecond later, which waits d − 1, … */
function waitOf(share: number, delays: readonly number[]): number {
  const waits = delays.flatMap((delay) =>
    Array.from({ length: Math.floor(delay) + 1 }, (_unused, elapsed) => delay - elapsed),
  );
  const sorted = Float64Array.from(waits).sort();
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

function withoutNewest(dataset: MarketDataset): MarketDataset {
  const newest = dataset.markets.reduce(
    (latest, { observed_until }) => Math.max(latest, observed_until.getTime()),
    0,
  );
  const until = newest - newDays * 86_400_000;
  const markets = dataset.markets.flatMap((history) => {
    const observations = history.observations.filter(({ observed_at }) => observed_at.getTime() <= until);
    return observations.length === 0 ? [] : [toMarketHistory(history.market, observations)];
  });
  return { ...dataset, markets, content_sha256: dataset.content_sha256.replace(/./g, "0") };
}

function toRow(work: string, { p99Ms, histogramP99Ms, longestMs, seconds }: Delay): BenchmarkRow {
  return {
    work,
    measured: `p99 ${p99Ms.toFixed(1)} ms (histogram: ${histogramP99Ms.toFixed(1)} ms), longest ${longestMs.toFixed(0)} ms, over ${seconds.toFixed(0)} s`,
    bar: `p99 ≤ ${delayMsMax} ms`,
    met: p99Ms <= delayMsMax,
    peer: "",
  };
}
