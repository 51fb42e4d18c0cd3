import { execFile } from "node:child_process";
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { compileCache } from "./process/compile-cache.ts";

/** The examples of the README. */
export const examples = join(import.meta.dirname, "../examples");

/**
 * Runs an example with some of its text replaced, from a file beside it, so that its imports resolve.
 *
 * @returns what it printed
 */
export async function runExample(
  name: string,
  replacements: Record<string, string>,
  directory = examples,
): Promise<string> {
  await using folder = await mkdtempDisposable(join(directory, "run-"));
  let text = await readFile(join(directory, name), "utf8");
  for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
  const copy = join(folder.path, name);
  await writeFile(copy, text);
  const [command, ...flags] = name.endsWith(".sh")
    ? ["sh", "-eu"]
    : [process.execPath, "--disable-warning=ExperimentalWarning"];
  // Of the variables of the tests, the path is needed to find curl; the rest could change what an example does.
  // biome-ignore lint/style/noProcessEnv: see above.
  const env = { ...compileCache, PATH: process.env.PATH };
  const { stdout } = await promisify(execFile)(command ?? "", [...flags, copy], { env });
  return stdout;
}
