import { MarketSourceError } from "../errors.ts";
import type { MarketDescription, MarketKind, MarketObservation } from "../market-source.ts";
import { marketKindOfProject, protocolSlug } from "../protocol-slug.ts";
import { parseBoolean, parseNumber, parseTimestamp, RowError, splitCsvLine } from "./csv-values.ts";

/** One readable row. */
interface CsvRow {
  market: MarketDescription;
  observation: MarketObservation;
}

/** Reads the rows below one particular header. */
export interface CsvReader {
  /** @throws RowError when the row is broken. */
  read(line: string): CsvRow;
}

/** Our name of a column, and the spellings under which files carry it, in lower case. */
const columnSpellings = {
  pool: ["pool"],
  project: ["project"],
  chain: ["chain"],
  symbol: ["symbol"],
  timestamp: ["timestamp"],
  tvlUsd: ["tvlusd", "tvl_usd"],
  apy: ["apy"],
  apyBase: ["apybase", "apy_base"],
  apyReward: ["apyreward", "apy_reward"],
  apyBaseBorrow: ["apybaseborrow", "apy_base_borrow"],
  utilization: ["utilizationimplied", "utilization"],
  frozen: ["frozen"],
  paused: ["paused"],
} as const;

type Column = keyof typeof columnSpellings;

const requiredColumns: readonly Column[] = ["pool", "project", "symbol", "timestamp"];

/**
 * Understands a header line. Required: pool, project, symbol, timestamp, and apy or apyBase. Known optional
 * columns: chain, tvlUsd, apyReward, apyBaseBorrow, utilizationImplied (or utilization), frozen, paused. Other
 * columns are ignored; order and case do not matter.
 *
 * @throws MarketSourceError `HEADER_MISMATCH`, naming what is missing.
 */
export function createCsvReader(headerLine: string): CsvReader {
  const positions = locateColumns(headerLine);
  const hasLendingColumn = positions.has("apyBaseBorrow") || positions.has("utilization");
  const columnCount = splitCsvLine(headerLine).length;

  return {
    read(line) {
      const cells = splitCsvLine(line);
      if (cells.length !== columnCount) {
        throw new RowError(`has ${cells.length} columns where the header has ${columnCount}`);
      }
      const cell = (column: Column): string => {
        const position = positions.get(column);
        return position === undefined ? "" : (cells[position] ?? "");
      };
      const number = (column: Column) => parseNumber(cell(column), column);
      const apyBase = number("apyBase");
      const apyReward = number("apyReward");
      return {
        market: readMarket(cell, hasLendingColumn ? "lending" : undefined),
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

function readMarket(cell: (column: Column) => string, kind: MarketKind | undefined): MarketDescription {
  const project = requireCell(cell, "project");
  const protocol = protocolSlug(project);
  if (protocol === undefined) {
    throw new RowError("project has no letter or digit to make a name of");
  }
  return {
    id: requireCell(cell, "pool"),
    protocol,
    chain: cell("chain").trim() || "unknown",
    symbol: requireCell(cell, "symbol"),
    kind: kind ?? marketKindOfProject(project),
  };
}

function requireCell(cell: (column: Column) => string, column: Column): string {
  const text = cell(column).trim();
  if (text === "") {
    throw new RowError(`${column} is missing`);
  }
  return text;
}

function locateColumns(headerLine: string): Map<Column, number> {
  const names = readHeaderNames(headerLine);
  const positions = new Map<Column, number>();
  // Safe: the object is a constant of this file, so its keys are exactly the columns.
  for (const column of Object.keys(columnSpellings) as Column[]) {
    const spellings: readonly string[] = columnSpellings[column];
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
        "Expected comma-separated columns such as pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward.",
    );
  }
  return positions;
}

function readHeaderNames(headerLine: string): string[] {
  try {
    return splitCsvLine(headerLine).map((name) => name.trim().toLowerCase());
  } catch (error) {
    if (error instanceof RowError) {
      return [];
    }
    throw error;
  }
}
