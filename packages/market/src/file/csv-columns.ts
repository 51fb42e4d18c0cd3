import { unknownChain } from "../collected-markets.ts";
import { MarketSourceError } from "../errors.ts";
import { exposureOf, kindOfCategory } from "../market-kind.ts";
import type { DescribedMarket, MarketObservation } from "../market-source.ts";
import { protocolSlug } from "../protocol-slug.ts";
import {
  type CsvSeparator,
  csvSeparators,
  decimalMarkOf,
  separatorNames,
  splitCsvLine,
} from "./csv-dialect.ts";
import { isUnknown, parseBoolean, parseNumber, parseTimestamp } from "./csv-values.ts";
import { type MarketFileColumn, marketFileColumnNames, marketFileColumns } from "./market-file-columns.ts";
import { RowError } from "./row-error.ts";

/** One readable row. */
interface CsvRow {
  market: DescribedMarket;
  observation: MarketObservation;
}

/** Reads the rows below one particular header. */
export interface CsvReader {
  /** The known columns that the header names, in no particular order. */
  readonly columns: readonly MarketFileColumn[];
  /** @throws RowError when the row is broken. */
  read(line: string): CsvRow;
  /** Whether a row has as many cells as the header. */
  hasAllCells(line: string): boolean;
}

const spellingsKnown: ReadonlySet<string> = new Set(
  Object.values(marketFileColumns).flatMap(({ spellings }) => spellings),
);

/** A header of another kind of file may be long; this many of its columns show which file it is. */
const columnsShown = 30;

const requiredColumns = marketFileColumnNames.filter(
  (column) => marketFileColumns[column].without === undefined,
);

/**
 * Understands a header line: the columns of {@link marketFileColumns}; others are ignored, and order and case do not matter.
 * Commas, semicolons, tabs or bars separate them.
 *
 * @param sample the first rows, which show whether decimals have a point or a comma
 * @throws MarketSourceError `HEADER_MISMATCH`, naming what is missing and what is there.
 */
export function createCsvReader(
  headerLine: string,
  sample: readonly string[] = [],
  stated?: CsvSeparator,
): CsvReader {
  const separator = stated ?? separatorOf(headerLine);
  const positions = locateColumns(headerLine, separator);
  const columnCount = splitCsvLine(headerLine, separator).length;
  const readProject = createSlugReader();
  const decimalMark = decimalMarkOf(sampleNumbers(sample, positions, separator), separator);

  return {
    columns: [...positions.keys()],
    hasAllCells(line) {
      try {
        return splitCsvLine(line, separator).length >= columnCount;
      } catch (error) {
        if (error instanceof RowError) return false;
        throw error;
      }
    },
    read(line) {
      const cells = splitCsvLine(line, separator);
      if (cells.length !== columnCount) {
        throw new RowError(`has ${cells.length} columns where the header has ${columnCount}`);
      }
      const cell = (column: MarketFileColumn): string => {
        const position = positions.get(column);
        return position === undefined ? "" : (cells[position] ?? "");
      };
      const number = (column: MarketFileColumn) => parseNumber(cell(column), column, decimalMark);
      const apyBase = number("apyBase");
      const apyReward = number("apyReward");
      return {
        market: readMarket(cell, readProject),
        observation: {
          observed_at: parseTimestamp(cell("timestamp")),
          tvl_usd: number("tvlUsd"),
          apy: number("apy") ?? (apyBase === null ? null : apyBase + (apyReward ?? 0)),
          apy_base: apyBase,
          apy_reward: apyReward,
          apy_base_borrow: number("apyBaseBorrow"),
          utilization: number("utilization"),
          frozen: parseBoolean(cell("frozen"), "frozen"),
          paused: parseBoolean(cell("paused"), "paused"),
          quality: [],
        },
      };
    },
  };
}

const numberColumns: readonly MarketFileColumn[] = [
  "tvlUsd",
  "apy",
  "apyBase",
  "apyReward",
  "apyBaseBorrow",
  "utilization",
];

function* sampleNumbers(
  sample: readonly string[],
  positions: ReadonlyMap<MarketFileColumn, number>,
  separator: CsvSeparator,
): Generator<string> {
  for (const line of sample) {
    const cells = line.split(separator);
    for (const column of numberColumns) {
      const cell = cells[positions.get(column) ?? -1];
      // A sample need not be perfect: a quoted separator only shifts one row of it.
      if (cell !== undefined) yield cell.replaceAll('"', "");
    }
  }
}

/** The separator that makes most columns known; the comma when none does. */
function separatorOf(headerLine: string): CsvSeparator {
  const known = (separator: CsvSeparator) =>
    readHeaderNames(headerLine, separator).filter((name) => spellingsKnown.has(name)).length;
  return csvSeparators.reduce((best, separator) => (known(separator) > known(best) ? separator : best));
}

/** A file has few projects, and their names take a while to make. */
function createSlugReader(): (project: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (project) => {
    if (known.has(project)) return known.get(project);
    const slug = protocolSlug(project);
    // Whatever a file holds, memory stays bounded.
    if (known.size < 10_000) known.set(project, slug);
    return slug;
  };
}

function readMarket(
  cell: (column: MarketFileColumn) => string,
  readProject: ReturnType<typeof createSlugReader>,
): DescribedMarket {
  const protocol = readProject(requireCell(cell, "project"));
  if (protocol === undefined) {
    throw new RowError("project has no letter or digit to make a name of");
  }
  return {
    id: requireCell(cell, "pool"),
    protocol,
    chain: isUnknown(cell("chain")) ? unknownChain : cell("chain").trim(),
    symbol: requireCell(cell, "symbol"),
    kind: kindOfCategory(cell("category")),
    exposure: exposureOf(cell("exposure")),
  };
}

function requireCell(cell: (column: MarketFileColumn) => string, column: MarketFileColumn): string {
  const text = cell(column).trim();
  if (isUnknown(text)) {
    throw new RowError(`${column} is missing`);
  }
  return text;
}

function locateColumns(headerLine: string, separator: CsvSeparator): Map<MarketFileColumn, number> {
  const names = readHeaderNames(headerLine, separator);
  const positions = new Map<MarketFileColumn, number>();
  for (const column of marketFileColumnNames) {
    const spellings: readonly string[] = marketFileColumns[column].spellings;
    const found = names.flatMap((name, position) => (spellings.includes(name) ? [position] : []));
    if (found.length > 1) {
      throw new MarketSourceError(
        "HEADER_MISMATCH",
        `The header names the column ${column} twice. Remove one of the two.`,
      );
    }
    const [position] = found;
    if (position !== undefined) {
      positions.set(column, position);
    }
  }
  const missing: string[] = requiredColumns.filter((column) => !positions.has(column));
  if (!positions.has("apy") && !positions.has("apyBase")) {
    missing.push("apy (or apyBase)");
  }
  if (missing.length > 0) {
    throw new MarketSourceError(
      "HEADER_MISMATCH",
      `The first line is not the header of market history: missing ${missing.join(", ")}. ` +
        `Expected comma-separated columns such as pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward. ` +
        `Found ${describeNames(names)}${separator === "," ? "" : `, separated by ${separatorNames[separator]}`}.${adviceFor(headerLine)}`,
    );
  }
  return positions;
}

/** Keeps to characters that column names have, so that a file of another kind cannot spoil a terminal. */
function describeNames(names: readonly string[]): string {
  const shown = names.slice(0, columnsShown).map((name) => name.replaceAll(/[^\w. -]/g, "?").slice(0, 40));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  return shown.join("") === "" ? "no column names" : `${shown.join(",")}${more}`;
}

/** What to do about a file of a kind that people take for CSV. */
function adviceFor(headerLine: string): string {
  const start = headerLine.trimStart();
  if (start.startsWith("PK")) return " It looks like a workbook or a zip: save it as CSV (UTF-8).";
  if (/^(\ufffd7zXZ|BZh\d|\(\ufffd\/\ufffd)/.test(start))
    return " It looks compressed, and not by gzip: unpack it.";
  if (start.startsWith("\u001f\ufffd")) return " It looks compressed twice: unpack it once.";
  if (start.startsWith("PAR1")) return " It looks like Parquet: export it as CSV.";
  if (/^[[{]/.test(start)) return " It looks like JSON: export it as CSV.";
  if (start.startsWith("<")) return " It looks like a web page: the download may have failed.";
  if (start.includes("\u0000")) return " It looks like UTF-16 without a byte-order mark: save it as UTF-8.";
  if (/\d{4}-\d{2}-\d{2}/.test(start)) return " It looks like a row: put a header above it.";
  return "";
}

function readHeaderNames(headerLine: string, separator: CsvSeparator): string[] {
  try {
    return splitCsvLine(headerLine, separator).map((name) => name.trim().toLowerCase());
  } catch (error) {
    if (error instanceof RowError) {
      return [];
    }
    throw error;
  }
}
