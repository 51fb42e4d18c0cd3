import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { getArtefact, getLogFile, logChainHeads, verifyLog, writeLog } from "@obsqra/features";
import { verifyForecast } from "@obsqra/verify";
import { startPostgres } from "../../../packages/db/src/testing/start-postgres.ts";
import { waitForEvents } from "../../../packages/db/src/testing/wait-for-events.ts";
import { readFromLog, readReceipts } from "../../../packages/features/bench/read-log.ts";
import {
  addRun,
  appendEntries,
  beginChains,
  findLoggedSample,
  type LogSeedDependencies,
} from "../../../packages/features/bench/seed-log.ts";
import {
  describeSpent,
  openWorkMeter,
  type Spent,
  type WorkMeter,
} from "../../../packages/features/bench/work-meter.ts";
import type { Benchmark, BenchmarkChoice, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { createDependencies } from "../src/create-dependencies.ts";
import { readEnvironment } from "../src/env.ts";
import { createLogger } from "../src/logger.ts";
import { prepareModels } from "../src/prepare-models.ts";
import { marketSettings } from "./market-file.ts";

const whole = { entries: 1_000_000, chains: 200_000, batch: 10_000 };
const quick = { entries: 100_000, chains: 5_000, batch: 1_000 };
const entriesAtOnce = 10_000;
const rounds = 200;

const bars = {
  perSecond: 5_000,
  proofMs: 5,
  memoryMib: 16,
  batchMs: 2_000,
  receiptBytes: 4_096,
  reExecutionMs: 2_000,
};

/** The day after the last one of the file: forecasts of it are in time. */
const startsAt = Date.UTC(2025, 9, 7, 12);

/** What the transparency log costs once it is large. */
export const logBenchmark: Benchmark = {
  name: "log",
  title: "The transparency log at a million entries",
  description: `A Postgres of its own, which is embedded and does not wait for the disk, and this process, which does what the job does that writes
the log. Entries are appended ${entriesAtOnce.toLocaleString("en")} at a time, each as long as that of a forecast, signed each time. Memory is the heap
and what is outside of it, after a garbage collection: how much it grew from a tenth of the entries to all of them. Proofs read the database;
${rounds} of each. The batch is a run of forecasts that are stored, from its event to the signed checkpoint. The receipt is of
a forecast on the daily history of DEX pools (simulated markets where that file is not there), and what takes it apart is \`@obsqra/verify\` in
this process, which asks the log and the artefacts without a network between. Bars of milliseconds are on the processor time of this process and of
Postgres, which other work on the machine does not change; what was waited stands behind.`,
  run: measure,
};

async function measure(
  report: (line: string) => void,
  { isQuick }: BenchmarkChoice,
): Promise<readonly BenchmarkRow[]> {
  const sizes = isQuick ? quick : whole;
  await using postgres = await startPostgres();
  const env = readEnvironment({
    ENVIRONMENT: "test",
    DATABASE_URL: postgres.url("postgres"),
    ...marketSettings(),
  });
  const log = createLogger(env, { write: () => {} });
  const begunAt = performance.now();
  const clock = () => new Date(startsAt + performance.now() - begunAt);
  const dependencies = await createDependencies({ env, log, clock, fetch });
  const { api: deps } = dependencies;
  const signal = new AbortController().signal;
  const write = async () => {
    await waitForEvents(deps.db);
    await writeLog(deps, signal);
  };
  try {
    report("log: training models");
    const console = { line: () => {}, step: () => () => {} };
    await prepareModels(dependencies, { env, console, signal });
    await write();
    const run: Run = { deps, meter: await openWorkMeter(deps.db), sizes, report };
    const rows = await measureAppending(run);
    report("log: proofs");
    rows.push(...(await measureProofs(run)));
    report("log: a run of forecasts");
    await addRun(deps, sizes.batch);
    await waitForEvents(deps.db);
    const batch = await run.meter(1, () => writeLog(deps, signal));
    rows.push(spentRow(`log a run of ${count(sizes.batch)} forecasts`, batch, bars.batchMs));
    report("log: receipts");
    rows.push(...(await measureReceipts(run)));
    report("log: verifying every entry");
    rows.push(await measureVerifying(run));
    report("log: chains");
    rows.push(...(await measureChains(run)));
    return rows;
  } finally {
    await dependencies.close();
  }
}

/** What is measured, and how. */
interface Run {
  readonly deps: LogSeedDependencies & { readonly publicUrl: string };
  readonly meter: WorkMeter;
  readonly sizes: typeof whole;
  readonly report: (line: string) => void;
}

async function measureAppending({ deps, meter, sizes, report }: Run): Promise<BenchmarkRow[]> {
  const sample = await findLoggedSample(deps.db);
  const transactions = sizes.entries / entriesAtOnce;
  let used = Number.NaN;
  const spent = await meter(transactions, async (round) => {
    if (round === transactions / 10) used = usedBytes();
    if (round % 10 === 0) report(`log: ${count(round * entriesAtOnce)} entries`);
    await appendEntries(deps, sample, { from: round * entriesAtOnce, count: entriesAtOnce });
  });
  const waitedMs = spent.ms.reduce((sum, ms) => sum + ms, 0);
  const perSecond = sizes.entries / (waitedMs / 1_000);
  return [
    {
      work: `append ${count(sizes.entries)} entries of ${count(sample.text.length)} bytes`,
      measured: `${count(Math.round(perSecond))} entries/s; of a transaction ${describeSpent(spent)}`,
      bar: `≥ ${count(bars.perSecond)} entries/s`,
      met: perSecond >= bars.perSecond,
      peer: "",
    },
    memoryRow(`memory, from a tenth of ${count(sizes.entries)} entries to all of them`, usedBytes() - used),
  ];
}

async function measureProofs({ deps, meter }: Run): Promise<BenchmarkRow[]> {
  const reading = await readFromLog(deps.db);
  const rows: BenchmarkRow[] = [];
  for (const [work, ask] of [
    ["proof of inclusion", reading.proveInclusion],
    ["proof of consistency", reading.proveConsistency],
  ] as const) {
    // The engine compiles meanwhile.
    await meter(rounds / 4, (round) => ask(round + 1));
    const spent = await meter(rounds, (round) => ask(Math.floor((reading.size / rounds) * round) + 1));
    rows.push(spentRow(`${work}, ${count(reading.size)} entries`, spent, bars.proofMs));
  }
  return rows;
}

async function measureReceipts({ deps, meter }: Run): Promise<BenchmarkRow[]> {
  const { id } = await findLoggedSample(deps.db);
  const { forecast } = readReceipts(deps);
  const given = await meter(rounds, () => forecast(id));
  const receipt = await forecast(id);
  const bytes = JSON.stringify(receipt).length;
  const rows: BenchmarkRow[] = [
    {
      work: "size of a forecast's receipt with its proof",
      measured: `${count(bytes)} bytes`,
      bar: `≤ ${count(bars.receiptBytes)} bytes`,
      met: bytes <= bars.receiptBytes,
      peer: "",
    },
    spentRow("a forecast's receipt", given, undefined),
  ];
  for (const [work, reExecute, barMs] of [
    ["verify it without the artefacts", false, undefined],
    ["verify it, and make the forecast again", true, bars.reExecutionMs],
  ] as const) {
    const verify = async () => {
      const { verdict, checks } = await verifyForecast(receipt, { fetch: fetchFrom(deps), reExecute });
      if (verdict !== "self_attested") throw new Error(`It does not verify: ${JSON.stringify(checks)}`);
    };
    await verify();
    rows.push(spentRow(work, await meter(5, verify), barMs));
  }
  return rows;
}

async function measureChains({ deps, meter, sizes }: Run): Promise<BenchmarkRow[]> {
  const owner = await beginChains(deps.db, sizes.chains);
  const committed = await meter(1, () => logChainHeads(deps));
  const { chains } = readReceipts(deps);
  return [
    spentRow(`commit to where ${count(sizes.chains)} chains end, once an hour`, committed, undefined),
    spentRow(
      `a receipt of chains, of ${count(sizes.chains)}`,
      await meter(rounds, () => chains(owner)),
      undefined,
    ),
  ];
}

async function measureVerifying({ deps, meter }: Run): Promise<BenchmarkRow> {
  const before = usedBytes();
  const spent = await meter(1, () => verifyLog(deps));
  const work = "read and compare every entry (pnpm log verify)";
  const row = memoryRow(work, usedBytes() - before);
  return { ...row, measured: `${row.measured}; ${describeSpent(spent)}` };
}

/** The log and the artefacts, as they are served. */
function fetchFrom(deps: LogSeedDependencies) {
  return async (url: string): Promise<Response> => {
    const { pathname } = new URL(url);
    const found = pathname.startsWith("/artefacts/")
      ? await getArtefact(deps, pathname.slice("/artefacts/".length))
      : await getLogFile(deps, pathname.replace(/^\/log\//, ""));
    if (found === undefined) return new Response("", { status: 404 });
    const { content } = found;
    const body = typeof content === "string" ? content : new Uint8Array(content);
    const isCompressed = "isCompressed" in found && found.isCompressed;
    return isCompressed
      ? new Response(new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip")))
      : new Response(body);
  };
}

/** The bar is on processor time: whatever else the machine does, it is not in it. */
function spentRow(work: string, spent: Spent, barMs: number | undefined): BenchmarkRow {
  return {
    work,
    measured: describeSpent(spent),
    bar: barMs === undefined ? "none" : `≤ ${count(barMs)} ms`,
    met: barMs === undefined || spent.processorMs <= barMs,
    peer: "",
  };
}

function memoryRow(work: string, grownBytes: number): BenchmarkRow {
  const grownMib = grownBytes / 2 ** 20;
  return {
    work,
    measured: `${grownMib.toFixed(1)} MiB more`,
    bar: `≤ ${bars.memoryMib} MiB`,
    met: grownMib <= bars.memoryMib,
    peer: "",
  };
}

function count(things: number): string {
  return things.toLocaleString("en");
}

/** What the process holds once everything is gone that nobody needs. */
function usedBytes(): number {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void; // A function of the engine's, which the flag adds.
  // What is outside of the heap goes with the second.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
