import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readlinkSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { startPostgres } from "./start-postgres.ts";

/** A Postgres server that is as durable as distributed, and to which anything may happen. */
export interface PostgresProcess extends AsyncDisposable {
  /** Of the database `postgres`. */
  readonly url: string;
  readonly dataDirectory: string;
  readonly program: PostgresProgram;
  /** Starts it, unless it runs, and waits until it responds. */
  start(): Promise<void>;
  /** Stops it as an administrator does. */
  stop(): Promise<void>;
  /** Ends it as the loss of its machine does. */
  kill(): Promise<void>;
  /** Its processes stay, and none of them goes on. */
  freeze(): void;
  thaw(): void;
  /** Runs one statement on a connection of its own. */
  run(statement: string): Promise<readonly Record<string, unknown>[]>;
}

/** What is started, and how. */
export interface PostgresProgram {
  readonly file: string;
  readonly flags: readonly string[];
}

/** Makes a server below the given folder, and starts it. */
export async function startPostgresProcess(folder: string): Promise<PostgresProcess> {
  const { url, dataDirectory, stop } = await startPostgres("obsqra", [], folder);
  const pid = Number((await readFile(`${dataDirectory}/postmaster.pid`, "utf8")).split("\n", 1)[0]);
  const program = {
    file: readlinkSync(`/proc/${pid}/exe`),
    flags: ["-c", "max_connections=200", "-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB"],
  };
  await stop();
  const server = controlPostgres(url("postgres"), dataDirectory, program);
  await server.start();
  return server;
}

/** A server whose files are there. */
export function controlPostgres(
  url: string,
  dataDirectory: string,
  program: PostgresProgram,
): PostgresProcess {
  let running: { readonly pid: number; readonly ended: Promise<unknown> } | undefined;
  const pids = () => (running === undefined ? [] : [running.pid, ...childrenOf(running.pid)]);
  const run: PostgresProcess["run"] = async (statement) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of pids()) signalProcess(pid, signal);
  };
  const spawnOnce = async () => {
    const { uid, gid } = await stat(dataDirectory);
    const flags = ["-D", dataDirectory, "-p", new URL(url).port, ...program.flags];
    const child = spawn(program.file, flags, { uid, gid, stdio: "ignore" });
    const ended = once(child, "exit").then(() => {
      running = undefined;
    });
    await once(child, "spawn");
    running = { pid: child.pid ?? 0, ended };
  };
  const kill = async () => {
    const all = pids();
    const ended = running?.ended;
    signalAll("SIGKILL");
    await ended;
    // Those that it leaves behind hold its memory, without which it does not start again.
    while (all.some((pid) => signalProcess(pid, 0))) await setTimeout(20);
  };
  return {
    url,
    dataDirectory,
    program,
    run,
    kill,
    start: async () => {
      while (true) {
        if (running === undefined) await spawnOnce();
        const responds = await run("select 1").then(
          () => true,
          () => false,
        );
        if (responds) return;
        await setTimeout(100);
      }
    },
    stop: async () => {
      const ended = running?.ended;
      if (running !== undefined) signalProcess(running.pid, "SIGINT");
      await ended;
    },
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    [Symbol.asyncDispose]: kill,
  };
}

/** Whether there was such a process. */
function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
}
