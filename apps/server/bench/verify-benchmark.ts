import { mkdir, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Benchmark, type BenchmarkRow, median } from "../../../scripts/bench/benchmark.ts";
import { spawnServer } from "../test/process/spawn-server.ts";
import { chromium, findProgram, firefox, verifyIn } from "../test/receipts/engines/run-in-engines.ts";
import { marketSettings } from "./market-file.ts";

const barReceiptMs = 300;
const barForecastMs = 2_000;
const rounds = 6;

/** What verifying a forecast takes in a browser. */
export const verifyBenchmark: Benchmark = {
  name: "verify",
  title: "Verifying a forecast in a browser",
  description: `Milliseconds from a receipt to all of its checks, in a page of its own, of a forecast for a pool of a DEX: the median of ${rounds - 1}
rounds after a first one. \`receipt\` is without the files that the forecast was made from; \`forecast\` loads them, the daily history of DEX
pools (ten markets of simulated data where that file is not there), and makes it again. The server runs beside it.`,
  run: measure,
};

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-bench-"));
  const data = join(folder.path, "data");
  await mkdir(data);
  report("Starting a server, which trains its models …");
  await using server = await spawnServer(
    { path: folder.path, data },
    { ENVIRONMENT: "test", RATE_LIMITS: "false", ...marketSettings() },
  );
  const url = await server.listening();
  const receipt = await readReceipt(`${url}/api/v1/predictions/forecasts`);
  const work = { receipt, logUrl: `${url}/log`, rounds };
  const [chromiumPath, firefoxPath] = [
    await findProgram("chromium", "chromium-browser", "google-chrome"),
    await findProgram("firefox-esr", "firefox"),
  ];
  const engines = [
    ...(chromiumPath === undefined ? [] : [chromium(chromiumPath)]),
    ...(firefoxPath === undefined ? [] : [firefox(firefoxPath)]),
  ];
  const rows: BenchmarkRow[] = [];
  for (const engine of engines) {
    report(`Verifying in ${engine.name} …`);
    const { receiptMs, forecastMs } = await verifyIn(engine, work);
    rows.push(row(`receipt, ${engine.name}`, receiptMs, barReceiptMs));
    rows.push(row(`forecast, ${engine.name}`, forecastMs, barForecastMs));
  }
  return rows;
}

/** The receipt of a forecast for a pool, once the log has it: a minute after it was made at most. */
async function readReceipt(forecasts: string): Promise<unknown> {
  for (let second = 0; second < 300; second += 1) {
    const list = await fetch(`${forecasts}?granularity=market&kind=yield&limit=1`);
    const { items }: { readonly items?: readonly { readonly id: string }[] } = Object(await list.json());
    const receipt = await fetch(`${forecasts}/${items?.[0]?.id}/receipt`);
    if (receipt.ok) return receipt.json();
    await receipt.body?.cancel();
    await setTimeout(1_000);
  }
  throw new Error("The log has no forecast after five minutes.");
}

function row(work: string, took: readonly number[], barMs: number): BenchmarkRow {
  const middle = median(took);
  return {
    work,
    measured: `${middle.toFixed(0)} ms`,
    bar: `≤ ${barMs} ms`,
    met: middle <= barMs,
    peer: "",
  };
}
