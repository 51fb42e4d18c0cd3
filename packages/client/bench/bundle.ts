import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build as buildWithEsbuild } from "esbuild";
import { build as buildWithVite } from "vite";

/** Bundles of the same module, minified, as a page loads them. */
export interface Bundles {
  readonly esbuild: string;
  readonly vite: string;
}

const root = join(import.meta.dirname, "..");
/** What a page has anyway that imports them. */
const external = ["react", "@tanstack/react-query"];

/** Bundles a module of a page for browsers, with each of the bundlers. */
export async function bundle(source: string): Promise<Bundles> {
  // Beside the package's own files, so that its name resolves to it.
  await using folder = await mkdtempDisposable(join(root, "bench/bundle-"));
  const entry = join(folder.path, "page.ts");
  await writeFile(entry, source);
  const { outputFiles } = await buildWithEsbuild({
    entryPoints: [entry],
    ...{
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "es2022",
      external,
    },
  });
  const built = await buildWithVite({
    ...{ root: folder.path, configFile: false, logLevel: "silent" },
    build: {
      ...{ write: false, target: "es2022", modulePreload: false },
      rolldownOptions: { input: entry, external, output: { format: "es" } },
    },
  });
  const [output] = [built].flat();
  if (output === undefined || !("output" in output)) throw new Error("Vite has written nothing.");
  const code = output.output.flatMap((chunk) => (chunk.type === "chunk" ? [chunk.code] : [])).join("\n");
  return { esbuild: outputFiles[0]?.text ?? "", vite: code };
}

/** Bytes, as a server sends them. */
export function gzipSize(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}
