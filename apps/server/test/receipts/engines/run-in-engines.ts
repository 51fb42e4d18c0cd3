import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { EngineReport, EngineWork } from "./verify-in-engine.ts";

/** A JavaScript engine that this machine has, in a program of its own. */
export interface Engine {
  readonly name: "Node 22" | "Chromium" | "Firefox";
  readonly command: string;
  /** Of a run, with a folder that goes with it. */
  readonly args: (page: string, folder: string) => readonly string[];
}

const run = promisify(execFile);

/** Path of a program; undefined where it is not here. */
export async function findProgram(...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const found = await run("which", [name]).catch(() => undefined);
    if (found !== undefined) return found.stdout.trim();
  }
  return undefined;
}

export const chromium = (command: string): Engine => ({
  name: "Chromium",
  command,
  args: (page, folder) => [
    ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
    ...[`--user-data-dir=${folder}`, page],
  ],
});

export const firefox = (command: string): Engine => ({
  name: "Firefox",
  command,
  args: (page, folder) => ["--headless", "--no-remote", "--profile", folder, page],
});

export const node22 = (command: string): Engine => ({
  name: "Node 22",
  command,
  args: (page, folder) => [join(folder, "verify.mjs"), page],
});

/** Lets an engine verify a forecast, by what is bundled for pages. */
export async function verifyIn(engine: Engine, work: EngineWork): Promise<EngineReport> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-engine-"));
  const script = join(folder.path, "verify.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "verify-in-engine.ts")],
    outfile: script,
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022" },
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    if (request.url === "/report") resolve(await text(request));
    if (request.url === "/work") response.end(JSON.stringify(work));
    else if (request.url === "/verify.mjs") {
      response.setHeader("content-type", "text/javascript").end(await readFile(script));
    } else {
      response
        .setHeader("content-type", "text/html")
        .end('<!doctype html><script type="module" src="/verify.mjs"></script>');
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server that listens has a port.
  const args = engine.args(`http://127.0.0.1:${port}`, folder.path);
  const child = spawn(engine.command, args, { stdio: "ignore" });
  const ended = once(child, "close");
  child.once("close", () => reject(new Error(`${engine.name} ended before it had verified anything.`)));
  try {
    const report: EngineReport | { readonly error: string } = JSON.parse(await promise);
    if ("error" in report) throw new Error(`${engine.name}: ${report.error}`);
    return report;
  } finally {
    child.kill("SIGKILL");
    await ended;
    server.closeAllConnections();
    server.close();
  }
}
