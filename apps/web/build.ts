import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/**
 * Builds the pages into `dist`, unless they are there already: everything that they are made of is hashed. Of builds at the same time the
 * first puts its whole folder there at once, and the others leave it. A server without them shows its documentation instead, so that a build that fails is no
 * reason not to start.
 */
const root = join(import.meta.dirname, "../..");
const folder = join(import.meta.dirname, "dist");
const hashFile = "inputs.sha256";

/** What the pages are made of, from the root of the repository. */
const inputs = [
  "apps/web/index.html",
  "apps/web/package.json",
  "apps/web/public",
  "apps/web/src",
  "apps/web/build.ts",
  "apps/web/vite.config.ts",
  "packages/client/src",
  "packages/receipts/src",
  "packages/verify/src",
  "pnpm-lock.yaml",
];

const hash = await hashInputs();
if ((await builtFrom()) !== hash) {
  const startedAt = performance.now();
  process.stdout.write("Building the pages …\n");
  try {
    await buildPages(hash);
    process.stdout.write(`Built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
  } catch (error) {
    process.stderr.write(`The pages are not built: ${error instanceof Error ? error.message : error}\n`);
    // Asked for by name, it has to work; before a start, the server does without.
    if (!process.argv.includes("--or-else-start")) process.exitCode = 1;
  }
}

async function hashInputs(): Promise<string> {
  const sum = createHash("sha256");
  for (const input of inputs) {
    for (const file of await listFiles(join(root, input))) {
      sum.update(`${relative(root, file)}\n`).update(await readFile(file));
    }
  }
  return sum.digest("hex");
}

async function buildPages(inputsHash: string): Promise<void> {
  // Loaded only when there is something to build: it takes longer than to find out that there is not.
  const { build } = await import("vite");
  // Whoever starts the build may be a test: React would come with all that helps while developing.
  // biome-ignore lint/style/noProcessEnv: Vite looks there, and nowhere else.
  process.env.NODE_ENV = "production";
  const made = `${folder}-${process.pid}`;
  try {
    await build({
      root: import.meta.dirname,
      logLevel: "warn",
      build: { outDir: made, emptyOutDir: true },
    });
    await compress(made);
    await writeFile(join(made, hashFile), inputsHash);
    await putInPlace(made, inputsHash);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** Leaves alone what another build of the same inputs has put there meanwhile: somebody may be reading it. */
async function putInPlace(made: string, inputsHash: string): Promise<void> {
  if ((await builtFrom()) === inputsHash) return;
  const before = `${made}-before`;
  try {
    await rename(folder, before).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(made, folder);
  } catch (error) {
    if ((await builtFrom()) !== inputsHash) throw error;
  } finally {
    await rm(before, { recursive: true, force: true });
  }
}

/** The hash of what the pages in place were made of; empty where there are none. */
async function builtFrom(): Promise<string> {
  return readFile(join(folder, hashFile), "utf8").catch(() => "");
}

/** Writes a gzip beside each text: the server sends it as it is. */
async function compress(made: string): Promise<void> {
  const texts = (await listFiles(made)).filter((file) =>
    [".html", ".js", ".css", ".svg"].includes(extname(file)),
  );
  await Promise.all(
    texts.map(async (file) =>
      writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 })),
    ),
  );
}

/** A file, or all below a folder, in the same order everywhere. */
async function listFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [path];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.toSorted();
}
