import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../../../../packages/db/src/testing/start-postgres.ts";
import { cpuSecondsOf } from "../../../../scripts/bench/processor-time.ts";
import { scriptParameters } from "../../test/process/script-parameters.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** A server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** Of its inspector, where it was started with one. */
  readonly inspectorPort: number | undefined;
  /** Processor time so far, of all its processes; NaN where the system does not say. */
  cpuSeconds(): Promise<number>;
  /** Memory that is resident now, in MB; NaN where the system does not say. */
  residentMb(): Promise<number>;
  /** The end of what it has written, and how it ended if it has: why nothing comes back. */
  lastWords(): Promise<string>;
}

/** How a server is started. */
export interface ServerStart {
  /** Where it runs, and what it writes goes into a file: never the repository, whose .env would be read. */
  readonly folder: string;
  readonly name: string;
  /** Variables for our server, and no others. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What follows our server's script on the command line. @default nothing */
  readonly parameters?: readonly string[];
  /** Whether an inspector may take profiles. */
  readonly isProfiled?: boolean;
}

/** Our server, as `pnpm start` starts it. */
export async function startOurs({
  variables,
  isProfiled,
  parameters = [],
  ...start
}: ServerStart): Promise<ServerProcess> {
  const { flags, file } = await scriptParameters("start");
  const [port, inspectorPort] = await Promise.all([findFreePort(), findFreePort()]);
  const inspector = isProfiled ? [`--inspect=127.0.0.1:${inspectorPort}`] : [];
  const env = { ...variables, API_HOST: "127.0.0.1", API_PORT: String(port) };
  const started = await launch([...inspector, ...flags, file, ...parameters], {
    ...start,
    port,
    env,
    ready: "/ready",
  });
  return { ...started, inspectorPort: isProfiled ? inspectorPort : undefined };
}

/** One of `apps/peers`, with the port after its first parameter, the database. */
export async function startPeer(
  [database, ...others]: readonly [string, ...string[]],
  start: ServerStart,
): Promise<ServerProcess> {
  const port = await findFreePort();
  const script = join(root, "apps/peers/src", `${start.name}.ts`);
  return launch([script, database, String(port), ...others], { ...start, port, env: {}, ready: "/" });
}

interface Launch extends ServerStart {
  readonly port: number;
  readonly env: Record<string, string>;
  /** What responds once it serves. */
  readonly ready: string;
}

async function launch(parameters: readonly string[], options: Launch): Promise<ServerProcess> {
  const { folder, name, port, env, ready } = options;
  const path = join(folder, `${name}.log`);
  await using log = await open(path, "w");
  const child = spawn(process.execPath, parameters, { cwd: folder, env, stdio: ["ignore", log.fd, log.fd] });
  const killWithBenchmark = () => void child.kill("SIGKILL");
  process.once("exit", killWithBenchmark);
  const stop = async () => {
    process.removeListener("exit", killWithBenchmark);
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(`${url}${ready}`))) {
    if (child.exitCode !== null) {
      throw new Error(`${name} ended before it served:\n${await readFile(path, "utf8")}`);
    }
    await wait(50);
  }
  return {
    url,
    inspectorPort: undefined,
    cpuSeconds: () => cpuSecondsOf(child),
    residentMb: () => residentMbOf(child),
    lastWords: async () => describeEnd(child, name, await readFile(path, "utf8")),
    [Symbol.asyncDispose]: stop,
  };
}

/** Enough for an error with its stack. */
const lastLines = 30;

function describeEnd({ exitCode, signalCode }: ChildProcess, name: string, written: string): string {
  const end = exitCode ?? signalCode;
  const lines = written.trimEnd().split("\n").slice(-lastLines);
  return `${name} ${end === null ? "still runs" : `ended with ${end}`} and wrote:\n${lines.join("\n")}`;
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ status }) => status < 500,
    () => false,
  );
}

async function residentMbOf({ pid }: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1000;
}
