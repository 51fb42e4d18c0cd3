import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readingVersion } from "../market-gate.ts";
import { emptyFlagCounts } from "../quality.ts";
import { testNow } from "../testing/file-fixtures.ts";
import { createFileSource } from "./file-source.ts";

// The real files are not part of the repository; they lie beside it where the project is developed.
const folder = fileURLToPath(new URL("../../../../../shared/market/", import.meta.url));
const dexPath = `${folder}dex_daily.csv.gz`;
const lendingPath = `${folder}lending_daily.csv.gz`;

it.skipIf(!existsSync(dexPath))("loads every row of the real DEX history", async () => {
  const { markets, report, content_sha256 } = await createFileSource({
    path: dexPath,
    clock: () => testNow,
  }).load();
  expect(markets).toHaveLength(486);
  expect(new Set(markets.map(({ market }) => market.kind))).toEqual(new Set(["dex"]));
  expect(report).toEqual({
    reading: readingVersion,
    rows_read: 80_453,
    rows_loaded: 80_453,
    rows_rejected: 0,
    rejected: [],
    duplicates: 0,
    duplicates_differing: 0,
    differing: [],
    impossible: [],
    flags: { ...emptyFlagCounts(), gap: 1273 },
  });
  expect(content_sha256).toBe("49f8710041d36bb753e8bcc3b2ccf61da7622b07a621245971fad33fd428a660");
});

it.skipIf(!existsSync(lendingPath))("loads every row of the real lending history", async () => {
  const { markets, report } = await createFileSource({ path: lendingPath, clock: () => testNow }).load();
  expect(markets).toHaveLength(128);
  expect(new Set(markets.map(({ market }) => market.kind))).toEqual(new Set(["lending"]));
  expect(report).toEqual({
    reading: readingVersion,
    rows_read: 20_092,
    rows_loaded: 20_092,
    rows_rejected: 0,
    rejected: [],
    duplicates: 0,
    duplicates_differing: 0,
    differing: [],
    impossible: [],
    flags: { ...emptyFlagCounts(), stuck: 1200 },
  });
});
