import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { UsageError } from "./commands/usage-error.ts";
import type { Place } from "./this-process.ts";

/** How many processes serve, and which of them this one is, if it is one of several. */
export interface ServerParameters {
  readonly processes: number;
  /** The first one prepares the data and runs the jobs, where the server does. */
  readonly isFirst: boolean;
}

/** More are of no use to anybody's machine. */
const processesMax = 64;

const serverUsage = `Starts the server.

Usage: pnpm start [--workers N]

  --workers N  serve with N processes on one port, to use N cores; needs Postgres (DATABASE_URL). @default 1
               They are processes that serve. What runs jobs besides is another program, pnpm start:worker.
  --help       shows this text

Settings are environment variables, or lines of a .env file: .env.example lists them all.
`;

const workerUsage = `Runs the jobs and delivers the mail of servers with JOBS=elsewhere, on Postgres.

Usage: pnpm start:worker

  --help  shows this text

It reads the same settings as the servers.
`;

/**
 * Starts what was asked for on the server's command line.
 *
 * @returns the exit code: 2 for a command line that cannot be understood
 */
export async function startServer(
  place: CommandLinePlace,
  start: (parameters: ServerParameters) => Promise<number>,
): Promise<number> {
  return startProgram(place, serverUsage, () => {
    const { values } = parseArgs({
      args: [...place.parameters],
      options: {
        workers: { type: "string", default: "1" },
        // For the processes that are started, and nobody else.
        first: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return "help";
    const processes = readProcesses(values.workers);
    return () => start({ processes, isFirst: values.first });
  });
}

/** The same for a worker, which has no parameters besides `--help`. */
export async function startWorker(place: CommandLinePlace, start: () => Promise<number>): Promise<number> {
  return startProgram(place, workerUsage, () => {
    const options = { help: { type: "boolean", default: false } } as const;
    const { values } = parseArgs({ args: [...place.parameters], options });
    return values.help ? "help" : start;
  });
}

/** The parameters of a process that `serveInProcesses` starts. */
export function parametersOfProcess({ processes, isFirst }: ServerParameters): string[] {
  return ["--workers", String(processes), ...(isFirst ? ["--first"] : [])];
}

type CommandLinePlace = Pick<Place, "parameters" | "write" | "complain">;

async function startProgram(
  { write, complain }: CommandLinePlace,
  usage: string,
  parse: () => "help" | (() => Promise<number>),
): Promise<number> {
  let start: "help" | (() => Promise<number>);
  try {
    start = parse();
  } catch (error) {
    complain(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (start !== "help") return start();
  write(usage);
  return 0;
}

/** @throws UsageError */
function readProcesses(text: string): number {
  const processes = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (processes >= 1 && processes <= processesMax) return processes;
  throw new UsageError(
    `--workers takes a whole number from 1 to ${processesMax}; this machine has ${availableParallelism()} cores.`,
  );
}
