import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { UsageError } from "./commands/usage-error.ts";

/** How many processes serve, and which of them this one is, if it is one of several. */
export interface ServerParameters {
  readonly processes: number;
  /** The first one prepares the data and runs the jobs, where the server does. */
  readonly isFirst: boolean;
}

/** More are of no use to anybody's machine. */
const processesMax = 64;

export const serverUsage = `Usage: pnpm start [--workers N]

  --workers N  serve with N processes on one port, to use N cores; needs Postgres (DATABASE_URL). @default 1
               They are processes that serve. What runs jobs besides is another program, pnpm start:worker.
`;

/** @throws UsageError */
export function readServerParameters(parameters: readonly string[]): ServerParameters {
  const { workers = "1", first = false } = parse(parameters);
  const processes = /^\d{1,3}$/.test(workers) ? Number(workers) : 0;
  if (processes < 1 || processes > processesMax) {
    throw new UsageError(
      `--workers takes a whole number from 1 to ${processesMax}; this machine has ${availableParallelism()} cores.`,
    );
  }
  return { processes, isFirst: first };
}

/** The parameters of a process that `serveInProcesses` starts. */
export function parametersOfProcess({ processes, isFirst }: ServerParameters): string[] {
  return ["--workers", String(processes), ...(isFirst ? ["--first"] : [])];
}

function parse(parameters: readonly string[]): { readonly workers?: string; readonly first?: boolean } {
  try {
    const { values } = parseArgs({
      args: [...parameters],
      options: {
        workers: { type: "string" },
        // For the processes that are started, and nobody else.
        first: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
