import type { MarketDataset } from "@obsqra/market";
import { fixtureCsv } from "@obsqra/market/testing";
import { recordStatements } from "@obsqra/platform/testing";
import { expect, it } from "vitest";
import { createTestApi, loadCsv } from "../testing/index.ts";
import { importDataset } from "./import.service.ts";

const rowsMax = 2_000;
/** What the rows of a statement take, with ids as long as these. */
const bytesMax = rowsMax * 130;

/** What importing sends to the database for each table. */
async function measureImport(dataset: MarketDataset) {
  await using api = await createTestApi();
  const { db, statements, parameters } = recordStatements(api.deps.db);
  await importDataset({ ...api.deps, db }, dataset);
  const sizes = parameters.map((values) =>
    values.reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0),
  );
  const into = (table: string) => statements.filter((text) => text.includes(`insert into ${table}`)).length;
  return { all: statements.length, bytes: Math.max(...sizes), into };
}

it("stores 24,000 rows of 60 markets in few statements of bounded size", async () => {
  const dataset = await loadCsv(fixtureCsv({ shape: "dex", markets: 60, days: 400, seed: 1 }), {
    clock: () => new Date("2027-01-01"),
  });
  expect(dataset.report.rows_loaded).toBe(24_000);
  const { all, bytes, into } = await measureImport(dataset);
  expect([into("market_history"), into("risk_history")]).toEqual([12, 12]);
  expect(all).toBeLessThanOrEqual(46);
  expect(bytes).toBeLessThanOrEqual(bytesMax);
});

it("splits a market of more rows than a statement may have", async () => {
  const minute = (index: number) => new Date(Date.UTC(2025, 0, 1) + index * 60_000).toISOString();
  const rows = Array.from(
    { length: rowsMax + 1 },
    (_, index) => `a,b-swap,Starknet,A-B,${minute(index)},1000,5`,
  );
  const dataset = await loadCsv(`pool,project,chain,symbol,timestamp,tvlUsd,apy\n${rows.join("\n")}\n`, {
    clock: () => new Date("2026-01-15T12:00:00Z"),
  });
  const { bytes, into } = await measureImport(dataset);
  expect(into("market_history")).toBe(2);
  expect(bytes).toBeLessThanOrEqual(bytesMax);
});
