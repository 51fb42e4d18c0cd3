import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findFreePort } from "../find-free-port.ts";

/** A real redis-server on a free port, with its files in a folder of its own. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** Ends the server as a crash would. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and empty. */
  start(): Promise<void>;
  /** Connections stay open, but nothing comes back any more. */
  freeze(): void;
  thaw(): void;
}

/** Debian's package has the same name. */
const program = "redis-server";

/** Why tests that need Redis are skipped here; undefined where they run. */
export const redisMissing = spawnSync(program, ["--version"]).error?.message;

export async function startRedis(): Promise<TestRedis> {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-redis-"));
  const port = await findFreePort();
  let server = await launch(port, folder.path);
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    stop,
    start: async () => {
      server = await launch(port, folder.path);
    },
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await stop();
      await folder.remove();
    },
  };
}

async function launch(port: number, folder: string) {
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = spawn(program, options, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface(server.stdout)) {
    if (line.includes("Ready to accept connections")) break;
  }
  // Otherwise it would wait for somebody to read what it says.
  server.stdout.resume();
  if (server.exitCode !== null) throw new Error("redis-server did not start.");
  return server;
}
