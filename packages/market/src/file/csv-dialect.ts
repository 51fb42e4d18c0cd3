import { parse } from "csv-parse/sync";
import { RowError } from "./row-error.ts";

/** How a file writes its rows. */
export interface CsvDialect {
  readonly separator: CsvSeparator;
  /** What separates whole numbers from fractions. */
  readonly decimalMark: "." | ",";
}

/** Commas, semicolons where the comma is for decimals, tabs as databases write them, bars as they show tables. */
export const csvSeparators = [",", ";", "\t", "|"] as const;

/** @see csvSeparators */
export type CsvSeparator = (typeof csvSeparators)[number];

/** What a separator is called in a message. */
export const separatorNames: Readonly<Record<CsvSeparator, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
};

/**
 * The cells of one line. One line is one record: a quote that is never closed spoils its own line and none of
 * the following ones, at the price of not supporting line breaks inside a cell.
 *
 * @throws RowError when quotes do not match.
 */
export function splitCsvLine(line: string, separator: CsvSeparator = ","): string[] {
  if (!line.includes('"')) {
    return line.split(separator);
  }
  try {
    const records: string[][] = parse(line, {
      columns: false,
      relax_column_count: true,
      delimiter: separator,
    });
    return records[0] ?? [];
  } catch (error) {
    throw new RowError("the quotes in this line do not match", { cause: error });
  }
}

/** The separator that a spreadsheet's first line `sep=;` names, which is no row. */
export function statedSeparator(line: string): CsvSeparator | undefined {
  const stated = /^"?sep=(.)"?$/i.exec(line.trim())?.[1];
  return csvSeparators.find((separator) => separator === stated);
}

/**
 * The mark for decimals by cells that can only be read one way: `0,5` and `12,34` have a comma, `0.5` a point. A comma needs
 * at least one such cell, none with a point, and another separator than the comma. What either could mean (`1,234`) tells
 * nothing.
 */
export function decimalMarkOf(cells: Iterable<string>, separator: CsvSeparator): CsvDialect["decimalMark"] {
  if (separator === ",") return ".";
  let hasComma = false;
  for (const cell of cells) {
    const text = cell.trim();
    if (onlyPoint.test(text)) return ".";
    hasComma ||= onlyComma.test(text);
  }
  return hasComma ? "," : ".";
}

/** A fraction of other than three digits, or three after what no thousands come before. */
const onlyComma =
  /^[+-]?(?:\d*,(?:\d{1,2}|\d{4,})|0?,\d{3}|\d{4,},\d{3}|\d{1,3}(?:\.\d{3})+,\d+)(?:[eE][+-]?\d+)?$/;
const onlyPoint =
  /^[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|0?\.\d{3}|\d{4,}\.\d{3}|\d{1,3}(?:,\d{3})+\.\d+)(?:[eE][+-]?\d+)?$/;
