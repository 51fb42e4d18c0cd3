import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import type { MarketAdvice } from "../src/advice/advice-types.ts";
import { createAdviser } from "../src/advice/adviser.ts";
import { randomAdviceRequest } from "../src/test-support/advice-fixtures.ts";

const marketCount = 500;
const requestCount = 450;
const warmUpCount = 50;
const p99BarMs = 25;
const gapBar = 0.01;
const tolerances = ["low", "medium", "high"] as const;

/** How long a suggestion takes, and how near to the best mix it is proven to be. */
export const adviceBenchmark: Benchmark = {
  name: "advice",
  title: "Advice",
  description: `${requestCount} random questions over ${marketCount} markets after ${warmUpCount} others to warm up; each is measured once, in processor time of
its thread, from the request to the whole advice with limits, prices and reasons. Tolerances take turns; a lower one asks for the higher ones, too. Holders have nothing or up to all
of their money in markets, of 100 to 10 million US dollars, on four chains; some markets dilute, are lent out, frozen or of assets that are not
accepted. The gap is how much better any other mix could at most be, percentage points of risk-adjusted APY.`,
  run: measure,
};

interface Sample {
  readonly tolerance: (typeof tolerances)[number];
  readonly advice: MarketAdvice;
  readonly ms: number;
}

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  const adviser = await createAdviser();
  const samples = Array.from({ length: warmUpCount + requestCount }, (_, index): Sample => {
    if (index % 100 === 0) report(`advice: ${index} of ${warmUpCount + requestCount}`);
    const tolerance = tolerances[index % 3] ?? "low";
    const request = { ...randomAdviceRequest(index + 1, marketCount), tolerance };
    const start = threadCpuMs();
    const advice = adviser.advise(request);
    return { tolerance, advice, ms: threadCpuMs() - start };
  }).slice(warmUpCount);
  const gaps = samples.map(({ advice }) => advice.optimality_gap);
  const within = gaps.filter((gap) => gap <= gapBar).length;
  return [
    timeRow("all", samples, p99BarMs),
    ...tolerances.map((tolerance) =>
      timeRow(
        `${tolerance} tolerance`,
        samples.filter((sample) => sample.tolerance === tolerance),
      ),
    ),
    {
      work: "proven gap",
      measured: `${within} of ${gaps.length} within ${gapBar}, max ${Math.max(...gaps).toFixed(4)}`,
      bar: `≤ ${gapBar}`,
      met: within === gaps.length,
      peer: "",
    },
  ];
}

/** Of the processor, so that the machine's other work does not count. */
function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function timeRow(name: string, samples: readonly Sample[], barMs?: number): BenchmarkRow {
  const times = samples.map(({ ms }) => ms).toSorted((left, right) => left - right);
  const at = (share: number) => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? Number.NaN;
  return {
    work: `${name}: ${samples.length} × ${marketCount} markets`,
    measured: `p50 ${at(0.5).toFixed(1)}, p99 ${at(0.99).toFixed(1)}, max ${at(1).toFixed(1)} ms`,
    bar: barMs === undefined ? "none" : `p99 ≤ ${barMs} ms`,
    met: barMs === undefined || at(0.99) <= barMs,
    peer: "",
  };
}
