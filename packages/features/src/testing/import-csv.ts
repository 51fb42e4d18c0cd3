import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileSource, type MarketDataset } from "@obsqra/market";
import { importDataset } from "../market/import.service.ts";
import type { TestApi } from "./create-test-api.ts";

/** Reads market history from CSV text, as from a file of that name. */
export async function loadCsv(
  csv: string,
  { clock, name = "history.csv" }: { readonly clock: () => Date; readonly name?: string },
): Promise<MarketDataset> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-api-"));
  const path = join(folder.path, name);
  await writeFile(path, csv);
  // Awaited here, so that the folder goes only after the file was read.
  return await createFileSource({ path, clock }).load();
}

/** Imports market history from CSV text, as from a file `history.csv`. */
export async function importCsv({ deps }: TestApi, csv: string): Promise<MarketDataset> {
  const dataset = await loadCsv(csv, deps);
  await importDataset(deps, dataset);
  return dataset;
}
