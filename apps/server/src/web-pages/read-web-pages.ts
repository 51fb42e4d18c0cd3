import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { entityTag } from "@obsqra/openapi";
import { z } from "zod";

/** A file as browsers get it. */
export interface WebFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** The same in gzip; undefined where that makes it no smaller. */
  readonly compressed: Buffer | undefined;
  readonly etag: string;
}

const pagePath = z.object({
  /** As Fastify writes routes. */
  path: z.string(),
  /** What the page reads as soon as it can, below the first page: of everybody, where that is public. */
  reads: z.array(z.string()),
});
type PagePath = z.output<typeof pagePath>;

/** The dashboard, built: one page that shows something else at each path, and what it loads. */
export interface WebPages {
  readonly paths: readonly PagePath[];
  readonly page: WebFile;
  /** By path; those below `/assets/` are named by their content. */
  readonly files: ReadonlyMap<string, WebFile>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/**
 * Reads the pages that `apps/web/build.ts` has made, all of them, so that nothing is read while requests wait.
 *
 * @returns undefined where they have not been built
 */
export async function readWebPages(folder: string): Promise<WebPages | undefined> {
  const names = await listFiles(folder);
  if (!names.includes("index.html")) return undefined;
  const paths = z.array(pagePath).parse(JSON.parse(await readFile(join(folder, "paths.json"), "utf8")));
  const files = new Map<string, WebFile>();
  for (const name of names) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const bytes = await readFile(join(folder, name));
    const compressed = names.includes(`${name}.gz`) ? await readFile(join(folder, `${name}.gz`)) : undefined;
    files.set(`/${name}`, { type, bytes, compressed, etag: entityTag(bytes) });
  }
  const page = files.get("/index.html");
  if (page === undefined) return undefined;
  files.delete("/index.html");
  return { paths, page, files };
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replace(/^\//, ""));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
