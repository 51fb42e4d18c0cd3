import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { emptyFlagCounts } from "../quality.ts";
import { loadContent } from "./file-fixtures.ts";
import { fixtureCsv, writeFixtureCsv } from "./fixture-csv.ts";

describe.each(["dex", "lending"] as const)("the %s shape", (shape) => {
  const options = { shape, markets: 3, days: 40, seed: 5 };

  it("is deterministic, and loads without a rejected or flagged row", async () => {
    const csv = fixtureCsv(options);
    expect(fixtureCsv(options)).toBe(csv);
    expect(fixtureCsv({ ...options, seed: 6 })).not.toBe(csv);
    const { markets, report } = await loadContent(csv);
    expect(markets.map(({ observations }) => observations.length)).toEqual([40, 40, 40]);
    expect(markets.every(({ market }) => market.kind === shape)).toBe(true);
    expect(report).toMatchObject({ rows_read: 120, rows_loaded: 120 });
    expect(report.flags).toEqual(emptyFlagCounts());
  });

  it("is written compressed when the name says so", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-market-"));
    const path = join(folder.path, "fixture.csv.gz");
    await writeFixtureCsv(path, options);
    expect(gunzipSync(await readFile(path)).toString()).toBe(fixtureCsv(options));
  });
});
