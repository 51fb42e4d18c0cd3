import { createTestFolder, type ServerProcess, spawnServer } from "../process/spawn-server.ts";
import { type Balancer, startBalancer } from "./balancer.ts";

/** Three servers behind a balancer, and two workers, on one database. */
export interface Replicas extends AsyncDisposable {
  readonly balancer: Balancer;
  /** Ends one of them, numbered from 0, and puts another in its place. */
  replace(kind: "server" | "worker", number: number, signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Moves the clocks of all. */
  moveClocks(to: Date): Promise<void>;
  /** Waits until the balancer sends requests to each server. */
  untilAllServe(): Promise<void>;
  /** What they have said, for whoever looks into a failure. */
  output(): string;
}

interface Replica {
  readonly process: ServerProcess;
  readonly url: string | undefined;
}

const counts = { server: 3, worker: 2 };

interface ReplicasOptions {
  /** What they take for the time. */
  readonly at: Date;
  /** The repository that the first ones are started from, those in their place from this one. @default this one */
  readonly root?: string;
}

export async function startReplicas(databaseUrl: string, { at, root }: ReplicasOptions): Promise<Replicas> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTestFolder());
  const balancer = stack.use(await startBalancer());
  const variables = {
    ...(await folder.market("enough")),
    DATABASE_URL: databaseUrl,
    JOBS: "elsewhere",
    SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365",
    RATE_LIMITS: "false",
    // Clocks are moved by hours under those who are signed in.
    ACCESS_TOKEN_EXPIRE_MINUTES: "1440",
  };
  let clock = { set: at.getTime(), at: performance.now() };
  /** What those that were started earlier take for the time by now. */
  const now = () => new Date(clock.set + performance.now() - clock.at);
  const start = async (kind: "server" | "worker", root?: string): Promise<Replica> => {
    const script = kind === "server" ? "start" : "start:worker";
    const process = await spawnServer(folder, variables, { script, at: now(), root });
    if (kind === "worker") {
      await process.until(/Running jobs and delivering mail\./);
      return { process, url: undefined };
    }
    const url = await process.listening();
    // An older version may have no other.
    balancer.add(url, root === undefined ? undefined : "/health");
    return { process, url };
  };
  const running: Record<"server" | "worker", Replica[]> = { server: [], worker: [] };
  const all = () => [...running.server, ...running.worker];
  const kept = stack.adopt(running, async () => {
    await Promise.all(all().map(({ process }) => process[Symbol.asyncDispose]()));
  });
  for (const kind of ["worker", "server"] as const)
    for (let count = 0; count < counts[kind]; count += 1) kept[kind].push(await start(kind, root));
  const untilAllServe = async () => {
    while (balancer.serving().length < counts.server || !(await allReady())) await pause();
  };
  const allReady = async () => {
    const asked = running.server.map(({ url }) => fetch(`${url}/ready`).then(({ ok }) => ok));
    return (await Promise.all(asked)).every(Boolean);
  };
  await untilAllServe();
  const owned = stack.move();
  return {
    balancer,
    untilAllServe,
    output: () =>
      all()
        .map(({ process }) => process.output())
        .join("\n"),
    moveClocks: async (to) => {
      clock = { set: to.getTime(), at: performance.now() };
      await Promise.all(all().map(({ process }) => process.moveClock(to)));
    },
    replace: async (kind, number, signal) => {
      const victim = running[kind][number];
      victim?.process.kill(signal);
      const code = await victim?.process.exited();
      await victim?.process[Symbol.asyncDispose]();
      if (victim?.url !== undefined) balancer.remove(victim.url);
      if (signal === "SIGTERM" && code !== 0) throw new Error(`A ${kind} ended with ${code}.`);
      running[kind][number] = await start(kind);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
