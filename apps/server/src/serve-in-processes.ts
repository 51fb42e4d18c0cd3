import cluster, { type Worker } from "node:cluster";
import { setTimeout as wait } from "node:timers/promises";
import { type Environment, EnvironmentError } from "./env.ts";
import { explainStartError } from "./explain-start-error.ts";
import { assertMetricsPortIsFree, gatherAllMetrics } from "./metrics/open-metrics.ts";
import { addressToListenOn, assertPortIsFree } from "./port.ts";
import { createConsole } from "./progress.ts";
import type { ServerPlace } from "./run-server.ts";
import { parametersOfProcess } from "./server-parameters.ts";

/** What a process is told when all are to stop. A signal would reach it a second time, after the one of the terminal. */
export const stopMessage = "stop";

/** A process that lived for shorter than this has not recovered by being started again. */
const shortLifeMs = 60_000;
const restartPauseMs = { least: 1_000, most: 30_000 } as const;

/**
 * Serves with several processes on one port, of which this one only watches over the others. The first prepares the data and runs
 * the jobs, the others start once it serves. One that ends is replaced, after a growing pause where it ends again and again. All
 * of them stop in an orderly way when this one is asked to.
 *
 * @returns the exit code: that of the first when it could not start; 0 after an orderly stop of all
 */
export async function serveInProcesses(
  { readEnvironment, write, complain, stop }: ServerPlace,
  processes: number,
): Promise<number> {
  try {
    const env = readEnvironment();
    assertCanBeShared(env);
    // Later, the processes listen through this one, and would find the port taken by themselves.
    await assertPortIsFree(addressToListenOn(env.API_HOST), env.API_PORT);
    await assertMetricsPortIsFree(env);
  } catch (error) {
    complain(`${explainStartError(error)}\n`);
    return 1;
  }
  const console = createConsole(write);
  await using _scraped = await gatherAllMetrics(readEnvironment());
  const running = new Set<Worker>();
  void stop.requested.then(() => {
    for (const each of running) each.send(stopMessage, () => {});
  });
  process.once("exit", () => {
    for (const each of running) each.process.kill("SIGKILL");
  });

  const start = (isFirst: boolean): Member => {
    cluster.setupPrimary({ args: parametersOfProcess({ processes, isFirst }) });
    const member = fork();
    running.add(member.worker);
    void member.ended.then(() => running.delete(member.worker));
    return member;
  };
  /** Replaces a process whenever it ends, until all stop. */
  const keepUp = async (isFirst: boolean, member: Member, pauseMs = 0): Promise<number> => {
    const { code, livedMs } = await member.ended;
    if (stop.signal.aborted) return code;
    const isShortLived = livedMs < shortLifeMs;
    console.line(`Process ${member.worker.process.pid} ended (${member.end()}): starting another.`);
    // At once the first time.
    await wait(isShortLived ? pauseMs : 0, undefined, { signal: stop.signal }).catch(() => {});
    if (stop.signal.aborted) return 0;
    const nextPauseMs = isShortLived
      ? Math.min(Math.max(2 * pauseMs, restartPauseMs.least), restartPauseMs.most)
      : 0;
    return keepUp(isFirst, start(isFirst), nextPauseMs);
  };

  const first = start(true);
  const began = await Promise.race([first.listening, first.ended]);
  if (began !== "listening") return stop.signal.aborted ? 0 : began.code || 1;
  // The first may have begun to listen although all were asked to stop meanwhile: nobody would tell the others.
  const others = stop.signal.aborted ? [] : Array.from({ length: processes - 1 }, () => start(false));
  void Promise.all(others.map(({ listening }) => listening)).then(() => {
    if (!stop.signal.aborted) console.line(`Serving with ${processes} processes.`);
  });
  const codes = await Promise.all([keepUp(true, first), ...others.map((member) => keepUp(false, member))]);
  return Math.max(...codes);
}

/** A process that serves, or is about to. */
interface Member {
  readonly worker: Worker;
  readonly listening: Promise<"listening">;
  readonly ended: Promise<{ readonly code: number; readonly livedMs: number }>;
  /** How it ended, for a person. */
  readonly end: () => string;
}

function fork(): Member {
  const began = performance.now();
  const worker = cluster.fork();
  const listening = Promise.withResolvers<"listening">();
  worker.once("listening", () => listening.resolve("listening"));
  const ended = Promise.withResolvers<{ readonly code: number; readonly livedMs: number }>();
  worker.once("exit", (code: number | null) =>
    // Of one that was killed there is only the signal.
    ended.resolve({ code: code ?? 1, livedMs: performance.now() - began }),
  );
  // What cannot be sent to it has ended.
  worker.on("error", () => {});
  const end = () => worker.process.signalCode ?? `exit code ${worker.process.exitCode}`;
  return { worker, listening: listening.promise, ended: ended.promise, end };
}

/**
 * The embedded database belongs to one process; and where each counted calls in its memory, everybody could ask for as many times
 * what is allowed as there are processes.
 */
function assertCanBeShared({ DATABASE_URL, RATE_LIMITS, RATE_LIMIT_STORE }: Environment): void {
  const advice = [
    ...(DATABASE_URL === undefined
      ? ["DATABASE_URL: set it for --workers, because the embedded database belongs to one process"]
      : []),
    ...(RATE_LIMITS && RATE_LIMIT_STORE === "memory"
      ? [
          "RATE_LIMIT_STORE: use postgres or redis with --workers, because each process has a memory of its own",
        ]
      : []),
  ];
  if (advice.length > 0) throw new EnvironmentError(advice);
}
