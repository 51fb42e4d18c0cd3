import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Benchmark, BenchmarkChoice } from "./bench/benchmark.ts";
import { formatSection, formatTable, replaceSection } from "./bench/benchmarks-document.ts";

/** Every benchmark by its name; loaded when it runs, so that one does not slow another. */
const benchmarks = new Map<string, () => Promise<Benchmark>>([
  ["forest", async () => (await import("../packages/forest/bench/forest-benchmark.ts")).forestBenchmark],
  ["advice", async () => (await import("../packages/ml/bench/advice-benchmark.ts")).adviceBenchmark],
  ["accounts", async () => (await import("../apps/server/bench/accounts-benchmark.ts")).accountsBenchmark],
  ["limits", async () => (await import("../apps/server/bench/limits-benchmark.ts")).limitsBenchmark],
  [
    "retraining",
    async () => (await import("../apps/server/bench/retraining-benchmark.ts")).retrainingBenchmark,
  ],
  ["reader", async () => (await import("../packages/openapi/bench/reader-benchmark.ts")).readerBenchmark],
  ["cost", async () => (await import("../apps/server/bench/cost-benchmark.ts")).costBenchmark],
  ["api", async () => (await import("../apps/server/bench/api/api-benchmark.ts")).apiBenchmark],
  ["live", async () => (await import("../apps/server/bench/live/live-benchmark.ts")).liveBenchmark],
  ["data", async () => (await import("../packages/features/bench/data-benchmark.ts")).dataBenchmark],
  ["size", async () => (await import("../packages/client/bench/size-benchmark.ts")).sizeBenchmark],
  ["log", async () => (await import("../apps/server/bench/log-benchmark.ts")).logBenchmark],
  ["verify", async () => (await import("../apps/server/bench/verify-benchmark.ts")).verifyBenchmark],
  ["pages", async () => (await import("../apps/server/bench/pages-benchmark.ts")).pagesBenchmark],
  ["cache", async () => (await import("../apps/server/bench/cache-benchmark.ts")).cacheBenchmark],
]);

const help = `Measures, prints a table, and writes it to docs/benchmarks.md.
Exits with 1, naming the bar, when one falls short.

Usage: pnpm bench [NAME...] [--no-write] [--quick] [--only CALL] [--profile FOLDER]

  NAME              ${[...benchmarks.keys()].join(", ")}; all of them by default
  --no-write        leave docs/benchmarks.md as it is
  --quick           of api, data and log: few and short rounds, to see that it works; nothing is written
  --only CALL       of api: only calls of this name, or with it in their names; may be repeated; nothing is written.
                    Of data: only this size, such as "20 M"
  --profile FOLDER  of api: instead, profile our server under load, and write .cpuprofile files into this folder
  --help            show this text
`;

const introduction = `# Benchmarks

Written by \`pnpm bench\`, as measured; nothing here is edited by hand. The bars hold on two quiet cores.
`;

process.exitCode = await run();

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      "no-write": { type: "boolean" },
      quick: { type: "boolean" },
      only: { type: "string", multiple: true },
      profile: { type: "string" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const names = positionals.length > 0 ? positionals : [...benchmarks.keys()];
  const unknown = names.filter((name) => !benchmarks.has(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no benchmark ${unknown.join(", ")}.\n\n${help}`);
    return 1;
  }
  const choice = { isQuick: values.quick === true, only: values.only ?? [], profileFolder: values.profile };
  const isWhole = !choice.isQuick && choice.only.length === 0 && choice.profileFolder === undefined;
  const missed: string[] = [];
  for (const name of names) {
    missed.push(...(await runBenchmark(name, { choice, writes: isWhole && values["no-write"] !== true })));
  }
  for (const line of missed) process.stderr.write(`Bar missed: ${line}\n`);
  return missed.length > 0 ? 1 : 0;
}

/** Runs one benchmark, prints and writes its table; returns the bars that it missed, in words. */
async function runBenchmark(
  name: string,
  { choice, writes }: { readonly choice: BenchmarkChoice; readonly writes: boolean },
): Promise<string[]> {
  const benchmark = await benchmarks.get(name)?.();
  if (benchmark === undefined) return [];
  const machine = describeMachine();
  process.stdout.write(`${benchmark.title}, on ${machine}\n`);
  const rows = await benchmark.run((line) => process.stderr.write(`${line}\n`), choice);
  process.stdout.write(`\n${formatTable(rows)}\n\n`);
  if (writes) {
    const path = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));
    const document = existsSync(path) ? readFileSync(path, "utf8") : introduction;
    writeFileSync(path, replaceSection(document, name, formatSection(benchmark, rows, machine)));
  }
  return rows
    .filter((row) => !row.met)
    .map((row) => `${name}: ${row.work}: ${row.measured}, the bar is ${row.bar}`);
}

/** The load average tells a reader whether the machine was quiet when the benchmark began. */
function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "an unknown processor";
  const load = (loadavg()[0] ?? 0).toFixed(2);
  return `${model}, ${availableParallelism()} cores (load ${load} at the start), Node ${process.versions.node}, ${process.platform} ${process.arch}.`;
}
