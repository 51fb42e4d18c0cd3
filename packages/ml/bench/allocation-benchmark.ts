import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { createAllocationOptimizer } from "../src/allocation/allocation-optimizer.ts";
import type {
  AllocationAdvice,
  AllocationRequest,
  AllocationResult,
} from "../src/allocation/allocation-types.ts";
import { limitsForTolerance } from "../src/allocation/limits.ts";
import { createMixedIntegerPeer, type MixedIntegerPeer } from "./highs-mixed-integer.ts";
import { drawRequest, protocolCount, risesWithRisk } from "./random-requests.ts";

const requestCount = 1_200;
const warmUpCount = 200;
const p99BarMs = 10;
const seed = 20_261_122;

/** How long the allocation optimiser takes, and whether every result is a proven optimum. */
export const allocationBenchmark: Benchmark = {
  name: "allocation",
  title: "Allocation",
  description: `${requestCount} random requests over ${protocolCount} active protocols (seed ${seed}) after ${warmUpCount} others to warm up; each is timed once,
from the request to the whole result: validation, optimum, shadow prices, conflict where there is one, advice and reason.
Tolerances take turns. Half of the requests start from cash and half from holdings in three to seven protocols; half have
yields that have nothing to do with risk and half yields that rise with it, which are harder. Moving costs 10 basis
points, held for 30 days. The 99th percentile of all of them is the bar.

The peer is HiGHS's own mixed-integer solver on the same question, with all binaries at once and the same proof of the
optimum. It gets no shadow prices, conflict or advice to work out, so the comparison favours it. Optima are compared in the
optimiser's own objective, risk-adjusted yield net of the cost of moving.`,
  run: measure,
};

/** One timed question. */
interface Sample {
  readonly index: number;
  readonly request: AllocationRequest;
  readonly result: AllocationResult;
  readonly ms: number;
  readonly peerMs: number;
  /** The peer's optimum; undefined when it found the request infeasible. */
  readonly peerBest: number | undefined;
}

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  const optimizer = await createAllocationOptimizer();
  const peer = await createMixedIntegerPeer();
  const drawn = Array.from({ length: warmUpCount + requestCount }, (_, index) => drawRequest(index, seed));
  const samples = drawn.map((request, index): Sample => {
    if (index % 400 === 0) report(`allocation: ${index} of ${drawn.length}`);
    const start = performance.now();
    const result = optimizer.optimize(request);
    const ms = performance.now() - start;
    const peerStart = performance.now();
    const peerBest = peer.solve(request);
    return { index, request, result, ms, peerMs: performance.now() - peerStart, peerBest };
  });
  const warm = samples.slice(warmUpCount);
  const rowWhere = (name: string, isMeant: (sample: Sample) => boolean) => rowOf(name, warm.filter(isMeant));
  return [
    rowOf("all requests", warm, p99BarMs),
    rowWhere("from cash", ({ request }) => request.current === null),
    rowWhere("from holdings", ({ request }) => request.current !== null),
    rowWhere("yields unrelated to risk", ({ index }) => !risesWithRisk(index)),
    rowWhere("yields that rise with risk", ({ index }) => risesWithRisk(index)),
    ...(["low", "medium", "high"] as const).map((tolerance) =>
      rowWhere(`${tolerance} tolerance`, ({ request }) => request.limits === limitsForTolerance(tolerance)),
    ),
    optimalityRow(warm),
    agreementRow(warm, peer),
  ];
}

function rowOf(name: string, samples: readonly Sample[], barMs?: number): BenchmarkRow {
  const times = samples.map(({ ms }) => ms);
  return {
    work: `${name}: ${samples.length} × ${protocolCount} protocols`,
    measured: describeTimes(times),
    bar: barMs === undefined ? "none" : `p99 ≤ ${barMs} ms`,
    met: barMs === undefined || percentile(times, 0.99) <= barMs,
    peer: describeTimes(samples.map(({ peerMs }) => peerMs)),
  };
}

function optimalityRow(samples: readonly Sample[]): BenchmarkRow {
  const advice = samples.flatMap(({ result }): AllocationAdvice[] =>
    result.outcome === "infeasible" ? [] : [result],
  );
  const proven = advice.filter(({ optimality_gap }) => optimality_gap === 0).length;
  return {
    work: "results that are proven optimal",
    measured: `${proven} of ${advice.length}, ${samples.length - advice.length} infeasible`,
    bar: "all",
    met: proven === advice.length,
    peer: "",
  };
}

function agreementRow(samples: readonly Sample[], peer: MixedIntegerPeer): BenchmarkRow {
  const agreeing = samples.filter(({ request, result, peerBest }) => {
    if (result.outcome === "infeasible" || peerBest === undefined) {
      return result.outcome === "infeasible" && peerBest === undefined;
    }
    return peer.reach(request, result.target_bp) >= peerBest - peer.roundingLoss(request);
  });
  return {
    work: "optima as good as the peer's, but for whole basis points",
    measured: `${agreeing.length} of ${samples.length}`,
    bar: "all",
    met: agreeing.length === samples.length,
    peer: "",
  };
}

function describeTimes(times: readonly number[]): string {
  const at = (share: number) => percentile(times, share).toFixed(2);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`;
}

/** The smallest value that at least this share of the values does not exceed (nearest rank). */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
