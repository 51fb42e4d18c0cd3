import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { assertReadableFile } from "@obsqra/market";
import { cpuSecondsOf } from "./bench/processor-time.ts";
import { readWholeNumber, runScript, ScriptError, UsageError } from "./command-line.ts";

/*
 * How long the server takes from its command to ready, and how much memory it is resident in: the first start on an
 * empty directory, and a restart; and what it costs while nobody asks it anything. Memory and processor time are read from /proc, so
 * they are only shown on Linux.
 */

const help = `Usage: pnpm measure FILE [--port 8199] [--idle SECONDS]

Starts the server twice on a market file, with a new data directory, and prints for the first start and for a restart:
seconds until /ready returns 200, resident memory then, and its peak with that of the processes that it starts, where what they
share counts once.

  --idle  after the restart, leaves the server alone for two minutes, and then for so many seconds, of which it prints the processor
          time as a part of one core; at most 1 % is wanted. Default: 0, which is not at all
`;

interface Options {
  readonly file: string;
  readonly port: number;
  readonly idleSeconds: number;
}

/** What a start has begun is done by then. */
const settleMs = 120_000;

interface Measurement {
  readonly seconds: number;
  readonly resident: string;
  readonly peak: string;
  /** Part of a core that it takes while nobody asks it anything; undefined where that was not measured. */
  readonly idle: number | undefined;
}

function parse(): Options | undefined {
  const { values, positionals } = parseArgs({
    options: {
      port: { type: "string", default: "8199" },
      idle: { type: "string", default: "0" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.help) return undefined;
  const port = readWholeNumber("port", values.port, 1);
  const idleSeconds = readWholeNumber("idle", values.idle, 0);
  const [file, surplus] = positionals;
  if (file === undefined) throw new UsageError("Name a market file.");
  if (surplus !== undefined) throw new UsageError(`${surplus} is one word too many.`);
  return { file: resolve(file), port, idleSeconds };
}

async function run({ file, port, idleSeconds }: Options): Promise<number> {
  await assertReadableFile(file);
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-measure-"));
  process.stdout.write("start    seconds  resident MB  peak MB\n");
  for (const name of ["first", "again"]) {
    const { seconds, resident, peak, idle } = await measureStart(file, folder.path, {
      port,
      idleSeconds: name === "again" ? idleSeconds : 0,
    });
    process.stdout.write(
      `${name.padEnd(8)} ${seconds.toFixed(1).padStart(7)} ${resident.padStart(12)} ${peak.padStart(8)}\n`,
    );
    if (idle !== undefined) {
      process.stdout.write(`idle: ${(100 * idle).toFixed(2)} % of a core in ${idleSeconds} s\n`);
    }
  }
  return 0;
}

async function measureStart(
  marketFile: string,
  dataDirectory: string,
  { port, idleSeconds }: Pick<Options, "port" | "idleSeconds">,
): Promise<Measurement> {
  const { scripts } = JSON.parse(await readFile(join(import.meta.dirname, "../package.json"), "utf8")) as {
    scripts: { start: string };
  };
  // The pages are built before, once.
  const [, ...parameters] = scripts.start.split(" && ").at(-1)?.split(" ") ?? [];
  const settings = { MARKET_SOURCE: "file", MARKET_FILE: marketFile, DATA_DIRECTORY: dataDirectory };
  const begin = performance.now();
  const server = spawn(process.execPath, parameters, {
    // biome-ignore lint/style/noProcessEnv: the server inherits the environment of whoever measures.
    env: { ...process.env, ...settings, API_PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  let peak = 0;
  try {
    while (!(await isReady(port))) {
      if (server.exitCode !== null) throw new ScriptError("The server did not start.");
      peak = Math.max(peak, await residentWithChildren(server.pid));
      await wait(20);
    }
    const seconds = (performance.now() - begin) / 1000;
    const resident = toMegabytes(await readMemory(server.pid, "VmRSS"));
    const peakOfAll = toMegabytes(Math.max(peak, await readMemory(server.pid, "VmHWM")));
    const idle = idleSeconds > 0 ? await measureIdle(server, idleSeconds) : undefined;
    return { seconds, resident, peak: peakOfAll, idle };
  } finally {
    server.kill("SIGINT");
    if (server.exitCode === null) await once(server, "exit");
  }
}

async function measureIdle(server: Parameters<typeof cpuSecondsOf>[0], seconds: number): Promise<number> {
  await wait(settleMs);
  const before = await cpuSecondsOf(server);
  await wait(1000 * seconds);
  return ((await cpuSecondsOf(server)) - before) / seconds;
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://localhost:${port}/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Of a process and those that it has started, in kB; what they share, such as Node itself, counts once. */
async function residentWithChildren(pid: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const processes = [pid, ...children.split(" ").filter(Boolean)];
  const sizes = await Promise.all(processes.map((each) => readMemory(each, "Pss")));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** In kB; 0 for a process that is gone, and where there is no /proc. */
async function readMemory(
  pid: number | string | undefined,
  field: "VmRSS" | "VmHWM" | "Pss",
): Promise<number> {
  const file = field === "Pss" ? "smaps_rollup" : "status";
  const status = await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
}

function toMegabytes(kilobytes: number): string {
  return kilobytes === 0 ? "?" : (kilobytes / 1000).toFixed(0);
}

process.exitCode = await runScript({ help, parse, run });
