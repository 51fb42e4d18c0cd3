import type { MarketDataset } from "@obsqra/market";
import { fixtureCsv } from "@obsqra/market/testing";
import type { MarketSeries } from "@obsqra/ml";
import fc from "fast-check";
import { expect, it } from "vitest";
import { toPanel } from "../../src/market/market-series.ts";
import { loadCsv } from "../../src/testing/index.ts";

const now = new Date("2026-01-15T12:00:00Z");
const files = (["dex", "lending"] as const).map((shape) => {
  const lines = fixtureCsv({ shape, markets: 4, protocols: 2, days: 40, seed: 3 }).trimEnd().split("\n");
  const [header = "", ...rows] = lines;
  return { header: header.split(","), rows: rows.map((row) => row.split(",")) };
});

/** One cell of a sound file that says something else. */
interface Mutation {
  readonly file: number;
  readonly row: number;
  readonly column: number;
  readonly mutate: (cell: string) => string;
  /** What the mutation makes of a cell, for whoever reads about a failure. */
  readonly [fc.toStringMethod]: () => string;
}

/** What the field has seen: units, spreadsheets' days, other languages, bytes, and what databases choke on. */
// biome-ignore format: a list of words
const oddCells = [
  "", " ", "\0", "MKR\0\0", "\u0001", "\u007f", "\u0085", "\u2028", "\uFFFD", "\uFEFF", "\u202e", "e\u0301", "😀", "NULL", "\\N",
  "nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "-0", "0", "-1", "1e-400", "5e-324", "1e308", "-1e308", "1e309",
  "1e999", "9".repeat(400), "0.".concat("0".repeat(400), "1"), "1e12", "1e13", "5.75e24", "100", "101", "1.00002", "-100", "-101",
  "1,5", "1.5.5", "0x10", "1_000", "true", "TRUE", "t", "yes", "0000-00-00", "0000-01-01", "0001-01-01 00:00:00",
  "1900-01-01 00:00:00", "1969-12-31", "1970-01-01", "2014-12-31T23:59:59.999Z", "2015-01-01", "2021-10-31", "2025-02-29",
  "2026-01-15T12:00:00.001Z", "2026-02-15", "2038-01-19T03:14:08Z", "9999-12-31T23:59:59-05:00", "10000-01-01", "infinity",
  "-infinity", "2025-01-01 BC", "24:00", "x".repeat(200), "x".repeat(201), "x".repeat(3_000), "x".repeat(70_000), "é".repeat(150),
  "😀".repeat(120), '"', '""', '"a', "a,b", "a;b", "a\tb", "a\nb", "a\rb", "'; drop table markets; --", "{}", "__proto__",
];

const mutateCell = fc.oneof(
  fc.constantFrom(...oddCells).map((odd) => () => odd),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => () => text),
  // A unit that is off by its decimals, and a digit that is wrong.
  fc
    .constantFrom(2, 6, 8, 18, 300)
    .map((zeros) => (cell: string) => cell.replace(/^(\d+).*/, `$1${"0".repeat(zeros)}`)),
  fc
    .constantFrom("-", ".", "e", "9", "0")
    .chain((added) =>
      fc
        .nat(30)
        .map(
          (at) => (cell: string) =>
            cell.slice(0, at % (cell.length + 1)) + added + cell.slice(at % (cell.length + 1)),
        ),
    ),
  fc.nat(30).map((at) => (cell: string) => cell.slice(0, at % (cell.length + 1))),
);

const mutation: fc.Arbitrary<Mutation> = fc
  .nat(files.length - 1)
  .chain((file) =>
    fc.record({
      file: fc.constant(file),
      row: fc.nat((files[file]?.rows.length ?? 1) - 1),
      column: fc.nat((files[file]?.header.length ?? 1) - 1),
      mutate: mutateCell,
    }),
  )
  .map((parts) => {
    const { header, rows } = files[parts.file] ?? { header: [], rows: [] };
    const cell = rows[parts.row]?.[parts.column] ?? "";
    const text = `${header[parts.column]} of row ${parts.row}: ${JSON.stringify(parts.mutate(cell))}`;
    return { ...parts, [fc.toStringMethod]: () => text };
  });

/** Tries one mutated cell after the other. */
export function describeMutations(numRuns: number): void {
  it(`a sound file with one odd cell is read, and the other markets are what they were (${numRuns} cells)`, async () => {
    const sound = await Promise.all(
      files.map(async ({ header, rows }) => toPanel(await load([header, ...rows]))),
    );
    await fc.assert(
      fc.asyncProperty(mutation, async ({ file, row: at, column, mutate }) => {
        const { header, rows } = files[file] ?? { header: [], rows: [] };
        const row = rows[at] ?? [];
        const mutated = row.with(column, mutate(row[column] ?? ""));
        const dataset = await load([header, ...rows.with(at, mutated)]);
        expectStorable(dataset);
        const panel = toPanel(dataset);
        panel.forEach(expectTrue);
        const id = row[0] ?? "";
        const others = (all: readonly MarketSeries[]) => all.filter(({ market_id }) => market_id !== id);
        const known = new Set(sound[file]?.map(({ market_id }) => market_id));
        expect(others(panel).filter(({ market_id }) => known.has(market_id))).toEqual(
          others(sound[file] ?? []),
        );
        if (header[column] === "timestamp" || header[column] === "pool") return;
        const day = Math.floor(Date.parse(row[4] ?? "") / 86_400_000);
        expect(otherDays(panel, id, day)).toEqual(otherDays(sound[file] ?? [], id, day));
      }),
      { numRuns },
    );
  }, 1_800_000);
}

function load(rows: readonly (readonly string[])[]): Promise<MarketDataset> {
  return loadCsv(`${rows.map((cells) => cells.join(",")).join("\n")}\n`, { clock: () => now });
}

/** What either engine holds, and a terminal shows. */
function expectStorable({ markets, report }: MarketDataset): void {
  const texts = markets.flatMap(({ market }) => Object.values(market) as string[]);
  expect(texts.filter((text) => !/^[^\p{Cc}\p{Cs}\uFFFD]{1,200}$/u.test(text))).toEqual([]);
  const moments = markets.flatMap(({ observations }) => observations.map(({ observed_at }) => observed_at));
  expect(moments.filter((moment) => !(moment >= new Date("2015-01-01") && moment <= now))).toEqual([]);
  expect(report.rows_loaded + report.rows_rejected + report.duplicates).toBe(report.rows_read);
  const reasons = [...report.rejected, ...report.impossible].map(({ reason }) => reason);
  expect(reasons.filter((reason) => !/^[^\p{Cc}\p{Cs}]{1,500}$/u.test(reason))).toEqual([]);
}

/** What a market can be: no figure made of such values overflows. */
function expectTrue(series: MarketSeries): void {
  const outside = (values: Float64Array, min: number, max: number) =>
    values.filter((value) => !Number.isNaN(value) && !(value >= min && value <= max));
  expect([...outside(series.tvl_usd, 0, 1e12)]).toEqual([]);
  expect([...outside(series.apy, -100, 1e6)]).toEqual([]);
  expect([...outside(series.utilization, -1e-5, 1.00001)]).toEqual([]);
}

function otherDays(panel: readonly MarketSeries[], id: string, day: number) {
  const series = panel.find(({ market_id }) => market_id === id);
  return Array.from(series?.days ?? [], (each, index) =>
    each === day
      ? undefined
      : [each, series?.apy[index], series?.tvl_usd[index], series?.utilization[index], series?.frozen[index]],
  ).filter((each) => each !== undefined);
}
