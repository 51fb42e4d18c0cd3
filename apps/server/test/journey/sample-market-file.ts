import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { writeFixtureCsv } from "@obsqra/market/testing";

const realFile = join(import.meta.dirname, "../../../../../shared/market/dex_daily.csv.gz");

/** Whether the collected market history is beside the repository. */
export const hasRealFile = existsSync(realFile);

/** Writes the history of every twelfth pool of the collected file. */
export async function writeRealSample(path: string): Promise<void> {
  const [header = "", ...rows] = gunzipSync(await readFile(realFile))
    .toString()
    .trimEnd()
    .split("\n");
  const pools = [...new Set(rows.map(poolOf))].sort();
  const chosen = new Set(pools.filter((_pool, index) => index % 12 === 0));
  await writeFile(path, `${[header, ...rows.filter((row) => chosen.has(poolOf(row)))].join("\n")}\n`);
}

/** Writes generated history in the same shape. */
export async function writeGeneratedSample(path: string): Promise<void> {
  await writeFixtureCsv(path, { shape: "dex", markets: 6, protocols: 3, days: 80, seed: 1 });
}

function poolOf(row: string): string {
  return row.slice(0, row.indexOf(","));
}
