import { type BenchmarkRow, median } from "../../../../scripts/bench/benchmark.ts";
import { batchBar, type RatioBar, type Target } from "./calls.ts";
import { describeFailures } from "./clients.ts";
import type { CallFigures, Measurement } from "./measure-calls.ts";

/** A line for each target of each call, then one for each ratio. */
export function toRows(figures: readonly CallFigures[]): readonly BenchmarkRow[] {
  const lines = figures.flatMap(({ call, targets }) =>
    targets.map(({ target, rounds, statementsPerCall }) => ({
      work: `${call.name}: ${target}`,
      measured: describe(rounds, statementsPerCall),
      bar: "every call is served",
      met: describeFailures(rounds) === "",
      peer: "",
    })),
  );
  const ratios = figures.flatMap((each) => each.call.bars.map((bar) => ratioRow(each, bar)));
  return [...lines, ...ratios, ...batchRows(figures)];
}

function describe(rounds: readonly Measurement[], statements: number): string {
  const middle = (read: (each: Measurement) => number) => median(rounds.map(read));
  const rate = Math.round(middle(({ callsPerSecond }) => callsPerSecond)).toLocaleString("en");
  const times = `p50 ${middle(({ p50Ms }) => p50Ms).toFixed(1)}, p99 ${middle(({ p99Ms }) => p99Ms).toFixed(1)} ms`;
  const cpu = `${middle(({ cpuSecondsPer1000 }) => cpuSecondsPer1000).toFixed(2)} CPU-s per 1,000`;
  const bytes = `${Math.round(middle(({ bytesPerCall }) => bytesPerCall)).toLocaleString("en")} bytes`;
  const clients = `clients ${(middle(({ clientLoad }) => clientLoad) * 100).toFixed(0)} % of a core`;
  const failed = describeFailures(rounds);
  return `${failed}${failed === "" ? "" : " not served; "}${rate}/s; ${times}; ${cpu}; ${statements.toFixed(1)} statements; ${bytes}; ${clients}`;
}

function ratioRow({ call, targets }: CallFigures, { of, over, atLeast }: RatioBar): BenchmarkRow {
  const ratio = ratioOf(roundsOf(targets, of), roundsOf(targets, over));
  return {
    work: `${call.name}: ${of} over ${over}`,
    measured: percent(ratio),
    bar: atLeast === undefined ? "none" : `≥ ${percent(atLeast)}`,
    met: atLeast === undefined || ratio >= atLeast,
    peer: "",
  };
}

function batchRows(figures: readonly CallFigures[]): readonly BenchmarkRow[] {
  const batch = figures.find(({ call }) => call.name === batchBar.batch);
  const single = figures.find(({ call }) => call.name === batchBar.single);
  if (batch === undefined || single === undefined) return [];
  const ratio = ratioOf(roundsOf(batch.targets, "trpc"), roundsOf(single.targets, "trpc"));
  return [
    {
      work: `${batchBar.batch}: calls a second over single ones, trpc`,
      measured: `${ratio.toFixed(2)} ×`,
      bar: `≥ ${batchBar.atLeast} ×`,
      met: ratio >= batchBar.atLeast,
      peer: "",
    },
  ];
}

function roundsOf(targets: CallFigures["targets"], target: Target): readonly Measurement[] {
  return targets.find((each) => each.target === target)?.rounds ?? [];
}

/** Median of the ratios of the rounds: what disturbs one round disturbs both of its figures. */
function ratioOf(rounds: readonly Measurement[], others: readonly Measurement[]): number {
  return median(
    rounds.map(({ callsPerSecond }, index) => callsPerSecond / (others[index]?.callsPerSecond ?? Number.NaN)),
  );
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}
