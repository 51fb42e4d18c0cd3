import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The root of the repository. */
export const repositoryRoot = fileURLToPath(new URL("../../../../", import.meta.url));

/** What a script of the root's package.json runs Node with, for a process in another directory. */
export interface ScriptParameters {
  readonly flags: readonly string[];
  /** The module that is run. */
  readonly file: string;
}

/**
 * Reads how a script of the root's package.json runs Node.
 *
 * @param root of the repository; another for another version of it
 * @throws Error when there is no such script
 */
export async function scriptParameters(name: string, root = repositoryRoot): Promise<ScriptParameters> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  // What comes before is done once, by `pnpm`: such as building the pages.
  const [, ...parameters] = manifest.scripts[name]?.split(" && ").at(-1)?.split(" ") ?? [];
  const file = parameters.pop();
  if (file === undefined) throw new Error(`package.json has no script ${name}.`);
  const flags = parameters.map((flag) =>
    flag.replace(
      /^--import=(\..*)$/,
      (_, path: string) => `--import=${pathToFileURL(join(root, path)).href}`,
    ),
  );
  return { flags, file: join(root, file) };
}
