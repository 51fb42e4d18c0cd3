import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { scriptParameters } from "./script-parameters.ts";

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Where, and with which variables and no others, a script runs. */
export interface ScriptPlace {
  /** Not the repository, whose .env would be read. */
  readonly cwd: string;
  readonly env?: Record<string, string>;
}

/** Starts a script of the root package.json as `pnpm` does. */
export async function startScript(
  name: string,
  parameters: readonly string[],
  { cwd, env = {} }: ScriptPlace,
): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const { flags, file } = await scriptParameters(name);
  return spawn(process.execPath, [...flags, file, ...parameters], {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a script to its end. */
export async function runScript(
  name: string,
  parameters: readonly string[],
  place: ScriptPlace,
): Promise<Ended> {
  const child = await startScript(name, parameters, place);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, out, err };
}
