import { setTimeout } from "node:timers/promises";
import { acceptNextLoad, listJobs } from "@obsqra/features";
import {
  getJobRuns,
  getJobStates,
  type JobRunRow,
  type JobState,
  pauseJob,
  retryJob,
} from "@obsqra/platform";
import { createDependencies } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { createLogger } from "../logger.ts";
import { runApplicationJobs } from "../server-jobs.ts";
import { openCommandDatabase } from "./command-database.ts";
import { formatColumns, formatMinute } from "./format-columns.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import type { CommandLine, Operator } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const usage = `Shows what the server does in the background, and has it done.

Usage: pnpm jobs list
       pnpm jobs history NAME
       pnpm jobs run NAME [--accept]
       pnpm jobs retry NAME
       pnpm jobs pause NAME
       pnpm jobs resume NAME

  list        every job, when it runs next, and what came of its newest run
  history     the newest 20 runs of a job, newest first
  run         runs a job now, with the jobs that follow from it, and waits for the end; exits with 1 when one has failed, or
              when market history could not be loaded
  retry       lets a run that has failed, and waits, begin at once
  pause       stops a job from running by its schedule
  resume      goes on

  --accept    with run market.refresh: takes what the market source has as it is, once, though it was refused or markets
              of it are left out
  NAME        such as market.refresh; list shows all
  --dry-run   says what would be done, and does nothing
  --yes       does not ask at a terminal; from a script nothing is asked
  --help      shows this text

pnpm refresh is short for pnpm jobs run market.refresh, and pnpm train for pnpm jobs run predictions.train.
It reads the same settings as the server; with the embedded database, the server has to be stopped first.
`;

/** The job that `--accept` goes with. */
const refresh = "market.refresh";

/** What to do. */
export type JobsCommand =
  | { readonly name: "list" }
  | { readonly name: "run"; readonly job: string; readonly isAccepting: boolean }
  | { readonly name: "history" | "retry" | "pause" | "resume"; readonly job: string };

/** `pnpm jobs`. */
export const jobsCommand: CommandLine<JobsCommand> = {
  usage,
  parse: parseJobsCommand,
  isChange: ({ name }) => name !== "list" && name !== "history",
  run: runJobsCommand,
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
function parseJobsCommand(parameters: readonly string[]): JobsCommand | "help" {
  const line = parseCommandLine(parameters, {
    list: {},
    history: { words: 1 },
    run: { words: 1, flags: ["accept"] },
    retry: { words: 1 },
    pause: { words: 1 },
    resume: { words: 1 },
  });
  if (line === "help") return line;
  const { name, words, flags } = line;
  const [job] = words;
  if (name === "list") return { name };
  if (job === undefined) throw new UsageError(`${name} needs the NAME of a job.`);
  if (name !== "run") return { name, job };
  const isAccepting = flags.has("accept");
  if (isAccepting && job !== refresh) throw new UsageError(`--accept goes with run ${refresh} only.`);
  return { name, job, isAccepting };
}

/**
 * Does what the command says.
 *
 * @returns the exit code: 1 when the job that was run has failed, or has come to nothing but that
 * @throws UsageError for a job that there is not; NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
async function runJobsCommand(command: JobsCommand, env: Environment, operator: Operator): Promise<number> {
  const source = { name: env.MARKET_SOURCE === "file" ? "file:" : "feed" };
  const jobs = listJobs(source, {
    hasChain: env.STARKNET_RPC_URL !== undefined,
    hasRiskEngine: env.STARKNET_RPC_URL !== undefined && env.RISK_ENGINE_ADDRESS !== undefined,
    hasLogAnchor: env.LOG_ANCHOR_CONTRACT !== undefined,
  });
  if (command.name !== "list" && !jobs.some(({ name }) => name === command.job)) {
    throw new UsageError(
      `There is no job ${command.job}: there are ${jobs.map(({ name }) => name).join(", ")}.`,
    );
  }
  if (command.name === "run") {
    // It makes no database, and changes no schema: the server does.
    await (await openCommandDatabase(env, { writes: true })).close();
    const how = command.isAccepting ? ", and take what the market source has as it is" : "";
    return (await operator.announce(`Will run ${command.job} now${how}.`))
      ? runNow(command, env, operator)
      : 0;
  }
  const database = await openCommandDatabase(env, { writes: false });
  const deps = { db: database.db, clock: () => new Date() };
  try {
    operator.write(await look(command, { deps, jobs, operator }));
    return 0;
  } finally {
    await database.close();
  }
}

async function look(
  command: Exclude<JobsCommand, { name: "run" }>,
  {
    deps,
    jobs,
    operator: { announce },
  }: {
    readonly deps: Parameters<typeof getJobStates>[0];
    readonly jobs: Parameters<typeof getJobStates>[1];
    readonly operator: Operator;
  },
): Promise<string> {
  switch (command.name) {
    case "list":
      return formatStates(await getJobStates(deps, jobs));
    case "history":
      return formatRuns(await getJobRuns(deps, command.job, 20));
    case "retry": {
      if (!(await announce(`Will let the run of ${command.job} that has failed begin at once.`))) return "";
      return (await retryJob(deps, command.job))
        ? "It begins with the next look that a server takes at its queue.\n"
        : `No run of ${command.job} waits. To run it now: pnpm jobs run ${command.job}\n`;
    }
    default: {
      const isPaused = command.name === "pause";
      const change = isPaused
        ? `Will no longer run ${command.job} by its schedule.`
        : `Will run ${command.job} by its schedule again.`;
      if (!(await announce(change))) return "";
      await pauseJob(deps, command.job, isPaused);
      return isPaused ? `${command.job} is paused.\n` : `${command.job} goes on.\n`;
    }
  }
}

/** Runs a job, and what it sends, in this process or in a server that takes it first. */
async function runNow(
  { job, isAccepting }: Extract<JobsCommand, { name: "run" }>,
  env: Environment,
  { write }: Operator,
): Promise<number> {
  // Warnings and errors only: the table says the rest.
  const log = createLogger({ DEBUG: env.DEBUG, ENVIRONMENT: "test" });
  await using dependencies = disposable(
    await createDependencies({ env, log, clock: () => new Date(), fetch }),
  );
  const { api } = dependencies;
  await using jobs = await runApplicationJobs({ ...dependencies, env }, { isScheduled: false });
  const since = new Date();
  if (isAccepting) await acceptNextLoad(api, dependencies.source.name);
  await jobs.send(job);
  let runs: JobRunRow[];
  do {
    await setTimeout(200);
    const newest = await Promise.all(api.jobs.map(({ name }) => getJobRuns(api, name, 1)));
    runs = newest.flat();
  } while (runs.some(({ state }) => state === "created" || state === "active"));
  const ended = runs.filter(({ ended_at, state }) => state === "retry" || (ended_at ?? since) > since);
  write(formatRuns(ended.sort((one, other) => one.sent_at.getTime() - other.sent_at.getTime())));
  return ended.some(hasFailed) ? 1 : 0;
}

/** A refresh that cannot load anything is no failed run: what is stored goes on being served. For whoever asked for it, it is one. */
function hasFailed({ state, output }: JobRunRow): boolean {
  if (state === "retry" || state === "failed") return true;
  return typeof output === "object" && output !== null && "outcome" in output && output.outcome === "failed";
}

function disposable<TValue extends { close(): Promise<void> }>(value: TValue): TValue & AsyncDisposable {
  return { ...value, [Symbol.asyncDispose]: () => value.close() };
}

function formatStates(states: readonly JobState[]): string {
  const rows = states.map(({ name, summary, next, paused_at, newest_run }) => [
    name,
    paused_at !== undefined ? "paused" : next === undefined ? "when it is sent" : formatMinute(next),
    newest_run === undefined ? "never" : stateOf(newest_run),
    newest_run === undefined ? "" : formatMinute(newest_run.started_at ?? newest_run.sent_at),
    summary,
  ]);
  return formatColumns([["job", "next run", "newest run", "at", "what it does"], ...rows]);
}

function formatRuns(runs: readonly JobRunRow[]): string {
  if (runs.length === 0) return "It has not run yet.\n";
  const rows = runs.map((run) => [
    run.job,
    stateOf(run),
    formatMinute(run.started_at ?? run.sent_at),
    run.started_at === null || run.ended_at === null
      ? ""
      : `${((run.ended_at.getTime() - run.started_at.getTime()) / 1000).toFixed(1)} s`,
    String(run.retries),
    resultOf(run),
  ]);
  return formatColumns([["job", "state", "at", "took", "repeated", "result"], ...rows]);
}

/** pg-boss's states in the words of this command. */
function stateOf({ state, starts_after }: JobRunRow): string {
  if (state === "retry") return `failed, again at ${formatMinute(starts_after)}`;
  return {
    created: "waiting",
    active: "running",
    completed: "done",
    cancelled: "cancelled",
    failed: "failed",
  }[state];
}

/** What it has returned, or the message of the error: an operator has the stack in the log. */
function resultOf({ output }: JobRunRow): string {
  if (typeof output !== "object" || output === null) return "";
  if ("message" in output && "stack" in output) return String(output.message);
  return JSON.stringify(output);
}
