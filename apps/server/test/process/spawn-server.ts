import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { snapshotFile } from "@obsqra/db/testing";
import { writeFixtureCsv } from "@obsqra/market/testing";
import { scriptParameters } from "./script-parameters.ts";

/** A server in a process of its own, started as `pnpm start` does. It ends when the test does (`await using`). */
export interface ServerProcess extends AsyncDisposable {
  /** Everything on standard output and standard error so far. */
  readonly output: () => string;
  /** Waits until the output matches; fails when the process ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until the server listens; gives its address. */
  listening(): Promise<string>;
  /** Moves its clock, which goes on from there; for one that was started with a moment. Its timers stay. */
  moveClock(to: Date): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Waits for the end of the process; gives its exit code, or the signal that ended it. */
  exited(): Promise<number | NodeJS.Signals | null>;
}

/** How a process is started besides its variables. */
export interface SpawnOptions {
  /** The script of the root's package.json. @default "start" */
  readonly script?: "start" | "start:worker";
  /** What follows the script on the command line. @default nothing */
  readonly parameters?: readonly string[];
  /** What it takes for the time at its start. @default what it is */
  readonly at?: Date;
  /** The repository that it is started from. @default this one */
  readonly root?: string | undefined;
}

/** Starts the server, or a worker, with these variables and no others. It picks a free port unless told. */
export async function spawnServer(
  folder: Pick<TestFolder, "path" | "data">,
  variables: Readonly<Record<string, string>> = {},
  { script = "start", parameters = [], at, root }: SpawnOptions = {},
): Promise<ServerProcess> {
  const { flags, file } = await scriptParameters(script, root);
  const clock = new URL("./movable-clock.ts", import.meta.url);
  if (at !== undefined) clock.searchParams.set("at", at.toISOString());
  const preload = at === undefined ? [] : [`--import=${clock.href}`];
  const child = spawn(process.execPath, [...flags, ...preload, file, ...parameters], {
    // Not in the repository, whose .env would be read.
    cwd: folder.path,
    env: {
      API_HOST: "127.0.0.1",
      API_PORT: "0",
      DATA_DIRECTORY: folder.data,
      // What the tests lose with the power of their machine, nobody misses.
      DATA_DURABILITY: "relaxed",
      ...variables,
    },
    stdio: at === undefined ? ["ignore", "pipe", "pipe"] : ["ignore", "pipe", "pipe", "ipc"],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("The process was started without its output.");
  const killWithTests = () => void child.kill("SIGKILL");
  process.once("exit", killWithTests);
  const ended = once(child, "close").then(() => child.exitCode ?? child.signalCode);
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [stdout, stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }

  async function until(pattern: RegExp): Promise<RegExpExecArray> {
    const matched = Promise.withResolvers<RegExpExecArray>();
    const check = () => {
      const match = pattern.exec(output);
      if (match !== null) matched.resolve(match);
    };
    listeners.add(check);
    check();
    const tooEarly = ended.then((code) => {
      check();
      throw new Error(`The server ended with ${code} before it said ${pattern}:\n${output}`);
    });
    try {
      return await Promise.race([matched.promise, tooEarly]);
    } finally {
      listeners.delete(check);
    }
  }

  return {
    output: () => output,
    until,
    listening: async () => {
      const [, url = ""] = await until(/^API +(http:\S+)\/api\/v1 [\s\S]*Press Ctrl-C to stop\.$/m);
      return url;
    },
    moveClock: async (to) => {
      const moved = once(child, "message");
      child.send({ at: to.toISOString() });
      await Promise.race([moved, ended]);
    },
    kill: (signal) => void child.kill(signal),
    exited: () => ended,
    [Symbol.asyncDispose]: async () => {
      process.removeListener("exit", killWithTests);
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Starts the server, expects it to refuse, and gives its exit code and what it said. */
export async function startInVain(
  folder: TestFolder,
  variables: Record<string, string>,
): Promise<{ code: unknown; output: string }> {
  await using server = await spawnServer(folder, variables);
  return { code: await server.exited(), output: server.output() };
}

/** A temporary folder with a place for data and market files. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  readonly data: string;
  /** Variables for a small market file in this folder, with history to train on, or too little for that. */
  market(history: "enough" | "too little"): Promise<Record<string, string>>;
}

/** What a data directory may have: a migrated database, as an earlier start leaves it, which saves making one; or more. */
const folderContents = { nothing: undefined, "a database": "migrated", forecasts: "forecasts" } as const;

/** @param contents "forecasts": a database with history of the source `simulated`, and models for 7 days ahead */
export async function createTestFolder(
  contents: keyof typeof folderContents = "nothing",
): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), "obsqra-server-"));
  const data = join(path, "data");
  const snapshot = folderContents[contents];
  if (snapshot !== undefined) {
    const pglite = join(data, "pglite");
    await mkdir(pglite, { recursive: true });
    await promisify(execFile)("tar", ["-xf", snapshotFile(snapshot), "-C", pglite]);
  }
  return {
    path,
    data,
    market: async (history) => {
      const file = join(path, `${history.replace(" ", "-")}.csv`);
      const days = history === "enough" ? 80 : 3;
      await writeFixtureCsv(file, { shape: "dex", markets: 3, days, seed: 1 });
      return { MARKET_SOURCE: "file", MARKET_FILE: file, BACKTEST_WINDOW_DAYS: "14" };
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** Registers somebody, on a connection of its own, so that it is any process's turn to respond. */
export function register(url: string, name = "ada"): Promise<Response> {
  return postAccount(`${url}/api/v1/auth/register`, name);
}

/** Signs in, registering on first use; gives a function that asks for a path and reads the JSON. */
export async function signIn(url: string) {
  const registered = await register(url);
  const response = registered.ok ? registered : await postAccount(`${url}/api/v1/auth/login`, "ada");
  const { access_token } = (await response.json()) as { access_token: string };
  return async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const reply = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
}

function postAccount(url: string, name: string): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify({
      email: `${name}@example.org`,
      password: "correct horse battery",
      full_name: name,
    }),
  });
}

/** Asks an unprotected path such as `/ready`. */
export async function ask(url: string, path: string): Promise<{ status: number; body: unknown }> {
  const reply = await fetch(`${url}${path}`);
  return { status: reply.status, body: await reply.json() };
}
