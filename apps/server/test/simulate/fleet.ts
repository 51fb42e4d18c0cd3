import { startPostgres } from "@obsqra/db/testing";
import {
  createTestFolder,
  type ServerProcess,
  spawnServer,
  type TestFolder,
} from "../process/spawn-server.ts";

/** The processes of a service: one server, or two servers and a worker on one Postgres. */
export interface Fleet extends AsyncDisposable {
  /** Variables of each process. */
  readonly variables: Readonly<Record<string, string>>;
  readonly size: number;
  /** Starts all of them. */
  start(at: Date): Promise<void>;
  /** Where the servers that listen just now are reached. */
  urls(): string[];
  moveClocks(to: Date): Promise<void>;
  /** Kills one with SIGKILL, and starts it again once it is gone. */
  killAndRestart(index: number, at: Date): Promise<string>;
  /** Ends all of them in order. */
  stop(): Promise<void>;
}

interface Member {
  readonly script: "start" | "start:worker";
  process: ServerProcess | undefined;
  url: string | undefined;
}

/**
 * Makes the fleet of an engine, with a database of its own; nothing is started yet.
 *
 * @param hasSnapshots whether a migrated database lies ready, as it does in tests
 */
export async function createFleet(
  engine: "pglite" | "postgres",
  hasSnapshots: boolean,
  settings: Readonly<Record<string, string>>,
): Promise<Fleet> {
  const stack = new AsyncDisposableStack();
  const folder: TestFolder = stack.use(
    await createTestFolder(engine === "pglite" && hasSnapshots ? "a database" : "nothing"),
  );
  const postgres = engine === "postgres" ? stack.use(await startPostgres()) : undefined;
  const variables: Record<string, string> = {
    ...settings,
    DATA_DIRECTORY: folder.data,
    ...(postgres === undefined ? {} : { DATABASE_URL: postgres.url("postgres"), JOBS: "elsewhere" }),
  };
  const scripts =
    engine === "postgres" ? (["start:worker", "start", "start"] as const) : (["start"] as const);
  const members = scripts.map((script): Member => ({ script, process: undefined, url: undefined }));

  async function startMember(member: Member, at: Date): Promise<void> {
    const started = await spawnServer(folder, variables, { script: member.script, at });
    member.process = started;
    if (member.script === "start:worker") await started.until(/Running jobs and delivering mail\./);
    else member.url = await started.listening();
  }

  return {
    variables,
    size: members.length,
    start: async (at) => {
      for (const member of members) await startMember(member, at);
    },
    urls: () => members.flatMap(({ url }) => url ?? []),
    moveClocks: async (to) => {
      await Promise.all(members.map(({ process }) => process?.moveClock(to)));
    },
    killAndRestart: async (index, at) => {
      const member = members[index % members.length];
      if (member?.process === undefined) throw new Error("It does not run.");
      member.url = undefined;
      member.process.kill("SIGKILL");
      await member.process[Symbol.asyncDispose]();
      await startMember(member, at);
      return member.script === "start" ? "a server" : "the worker";
    },
    stop: async () => {
      for (const member of members) {
        member.process?.kill("SIGTERM");
        const code = await member.process?.exited();
        if (code !== 0)
          throw new Error(`A process ended with ${code}:\n${member.process?.output().slice(-2_000)}`);
        member.process = undefined;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map(({ process }) => process?.[Symbol.asyncDispose]()));
      await stack.disposeAsync();
    },
  };
}
