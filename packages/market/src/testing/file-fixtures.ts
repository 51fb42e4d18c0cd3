import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileDataset } from "../file/file-source.ts";
import { createFileSource } from "../file/file-source.ts";

/** The moment at which the tests of this package happen. */
export const testNow = new Date("2026-06-01T12:00:00.000Z");

/** Writes the content to a temporary file, loads it, and removes it. */
export async function loadContent(
  content: string | Uint8Array,
  { name = "history.csv", ...options }: { name?: string; maxBytes?: number } = {},
): Promise<FileDataset> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-market-"));
  const path = join(folder.path, name);
  await writeFile(path, content);
  return await createFileSource({ path, clock: () => testNow, ...options }).load();
}
