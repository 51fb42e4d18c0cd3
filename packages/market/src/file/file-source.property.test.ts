import fc from "fast-check";
import { expect, it } from "vitest";
import { loadContent } from "../testing/file-fixtures.ts";

const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward";

/** Rows of three pools over two weeks; equal pool and moment always mean equal rows, as in exact duplicates. */
const goodRow = fc
  .record({ pool: fc.integer({ min: 1, max: 3 }), hour: fc.integer({ min: 0, max: 14 * 24 }) })
  .map(({ pool, hour }) => {
    const moment = new Date(Date.UTC(2025, 0, 1, hour)).toISOString();
    // A few levels only, so that stuck runs occur; now and then an impossible one.
    const apy = hour % 50 === 0 ? 2_000_000 : Math.floor(hour / 200) + pool;
    return `pool-${pool},project,Starknet,SYM${hour},${moment},1000,${apy},,`;
  });
const brokenRow = fc.constantFrom(
  "",
  "x",
  'pool-1,"open',
  "pool-1,p,c,S,never,1,2,3,4",
  ",p,c,S,2025-01-01,1,2,3,4",
);
const anyText = fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[\r\n]/g, " "));
const rows = fc.array(fc.oneof({ weight: 6, arbitrary: goodRow }, brokenRow, anyText), { maxLength: 120 });

it("accounts for every row: loaded, duplicate or rejected", async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (lines) => {
      const written = lines.filter((line) => line.trim() !== "");
      fc.pre(written.length > 0);
      const { markets, report } = await loadContent([header, ...lines].join("\n"));
      expect(report.rows_read).toBe(written.length);
      expect(report.rows_loaded + report.duplicates + report.rows_rejected).toBe(report.rows_read);
      expect(markets.flatMap(({ observations }) => observations)).toHaveLength(report.rows_loaded);
    }),
    { numRuns: 60 },
  );
});

it("gives the same dataset whatever the order of the rows", async () => {
  const shuffled = rows.chain((lines) =>
    fc.record({
      lines: fc.constant(lines),
      shuffled: fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(shuffled, async ({ lines, shuffled: reordered }) => {
      fc.pre(lines.some((line) => line.trim() !== ""));
      const first = await loadContent([header, ...lines].join("\n"));
      const second = await loadContent([header, ...reordered].join("\n"));
      expect(second.markets).toEqual(first.markets);
      const withoutLines = { rejected: [], impossible: [] };
      expect({ ...second.report, ...withoutLines }).toEqual({ ...first.report, ...withoutLines });
    }),
    { numRuns: 60 },
  );
});
