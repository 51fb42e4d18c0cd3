import {
  createTestFolder,
  type ServerProcess,
  spawnServer,
  type TestFolder,
} from "../process/spawn-server.ts";

/** Servers over one database, each of which can be killed and comes back. */
export interface ServerGroup extends AsyncDisposable {
  readonly size: number;
  /** Where one of them is reached; while it is starting, waits until it listens. */
  url(index: number): Promise<string>;
  /** Kills one with SIGKILL, and starts it again once it is gone. */
  killAndRestart(index: number): Promise<void>;
}

interface Member {
  readonly process: ServerProcess;
  readonly url: Promise<string>;
}

export async function startServerGroup(databaseUrl: string, size: number): Promise<ServerGroup> {
  const folder = await createTestFolder();
  const variables = {
    ...(await folder.market("too little")),
    DATABASE_URL: databaseUrl,
    SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365",
    // They all come from one address.
    RATE_LIMITS: "false",
  };
  const members = await Promise.all(Array.from({ length: size }, () => start(folder, variables)));
  await Promise.all(members.map(({ url }) => url));
  const memberAt = (index: number): Member => {
    const member = members[index % size];
    if (member === undefined) throw new Error("A group has at least one server.");
    return member;
  };
  return {
    size,
    url: (index) => memberAt(index).url,
    killAndRestart: async (index) => {
      const { process } = memberAt(index);
      const restarted = Promise.withResolvers<string>();
      members[index % size] = { process, url: restarted.promise };
      process.kill("SIGKILL");
      await process.exited();
      const member = await start(folder, variables);
      members[index % size] = member;
      member.url.then(restarted.resolve, restarted.reject);
      await member.url;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map(({ process }) => process[Symbol.asyncDispose]()));
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function start(folder: TestFolder, variables: Record<string, string>): Promise<Member> {
  const process = await spawnServer(folder, variables);
  return { process, url: process.listening() };
}
